"""Pages of the statistics. Words come before codes, or a word would be taken for a State."""

from django.urls import URLPattern, path

from indicators import views

_returns: list[URLPattern] = [
    path("statistics/", views.return_list, name="return_list"),
    path("statistics/uploads/<uuid:public_id>/", views.upload_detail, name="upload_detail"),
    path("statistics/<str:iso2>/<int:year>/", views.return_year, name="return_year"),
    path("statistics/<str:iso2>/<int:year>/template/", views.return_template, name="return_template"),
    path("statistics/<str:iso2>/<int:year>/upload/", views.return_upload, name="return_upload"),
    path("statistics/<str:iso2>/<int:year>/<str:table>/", views.return_edit, name="return_edit"),
    path("statistics/<str:iso2>/<int:year>/<str:table>/sign/", views.return_sign, name="return_sign"),
    path("statistics/<str:iso2>/<int:year>/<str:table>/proposal/", views.return_proposal, name="return_proposal"),
    path(
        "statistics/<str:iso2>/<int:year>/<str:table>/versions/<int:number>/",
        views.return_version,
        name="return_version",
    ),
]
_releases: list[URLPattern] = [
    path("releases/", views.release_list, name="release_list"),
    path("releases/<int:number>/", views.release_detail, name="release_detail"),
]
_data: list[URLPattern] = [
    path("data/", views.data_list, name="data_list"),
    path("data/dictionary/", views.data_dictionary, name="data_dictionary"),
    path("data/<int:number>/", views.data_release, name="data_release"),
    path("data/<int:number>/<slug:table>/files/<slug:format>/", views.data_download, name="data_download"),
    path("data/<int:number>/<slug:table>/<int:year>/", views.data_table, name="data_table"),
    path("data/<int:number>/<slug:table>/<int:year>/<str:area>/", views.data_area, name="data_area"),
]

urlpatterns: list[URLPattern] = [*_returns, *_releases, *_data]
