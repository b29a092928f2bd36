"""Pages made of every component, for tests of markup, contrast, width and weight, and for the eye."""

import datetime as dt
from types import SimpleNamespace as Thing
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone, translation

from core.fields import DatePartsField, WholeNumberField
from core.templatetags.charts import BarPart

STATUSES = [
    ("not_started", "Sin iniciar"),
    ("planned", "Planificada"),
    ("partial", "Avance parcial"),
    ("substantial", "Avance sustancial"),
    ("full", "Cumplida"),
    ("not_applicable", "No aplica"),
]
AREAS = [
    ("1. Prevención", 212, 188, 90, 20, "up", "+8"),
    ("2. Protección y asistencia a víctimas", 171, 204, 115, 20, "up", "+11"),
    ("3. Acción penal", 138, 176, 180, 16, "down", "−2"),
    ("4. Cooperación y asociaciones", 196, 150, 62, 0, "up", "+13"),
]
STATES = [
    ("Suriname", "overdue", "Vencido", 4, 9, 17, 6, "down", "−2", dt.date(2014, 10, 12), "Enviar recordatorio"),
    ("Haití", "overdue", "Vencido", 3, 8, 25, 0, "same", "0", dt.date(2014, 10, 3), "Enviar recordatorio"),
    ("Guatemala", "returned", "Devuelto", 17, 9, 10, 0, "up", "+6", dt.date(2014, 10, 19), ""),
    ("Uruguay", "submitted", "Enviado", 23, 10, 3, 0, "up", "+9", dt.date(2014, 10, 20), "Revisar"),
    ("Belice", "submitted", "Enviado", 13, 14, 9, 0, "up", "+5", dt.date(2014, 10, 18), "Revisar"),
    ("Costa Rica", "accepted", "Aceptado", 26, 8, 2, 0, "up", "+12", dt.date(2014, 10, 9), ""),
]
TILES = {
    "CA": 47, "US": 31, "MX": 53, "BS": 78, "GT": 18, "BZ": 24, "JM": 64, "HT": None, "DO": 24, "KN": None, "AG": 47,
    "SV": 71, "HN": 18, "DM": None, "NI": 64, "VC": 53, "LC": 36, "CR": 18, "PA": 24, "GD": 24, "BB": 53, "CO": 24,
    "VE": None, "GY": 64, "SR": None, "TT": 36, "EC": 53, "PE": 18, "BR": 71, "BO": 24, "PY": 36, "CL": 78, "AR": 100,
    "UY": 71,
}  # fmt: skip
MOMENT = dt.datetime(2014, 10, 24, 21, 40, tzinfo=dt.UTC)


class EntryForm(forms.Form):
    status = forms.ChoiceField(
        label="Situación al 30 de septiembre de 2014",
        help_text="En el informe anterior: «Planificada»",
        choices=STATUSES,
        widget=forms.RadioSelect,
    )
    reached = WholeNumberField(
        label="Personas alcanzadas", help_text="Período anterior: 4 210. Deje en blanco si no hay dato.", required=False
    )
    results = forms.CharField(
        label="Resultados",
        help_text="Qué se hizo, con quién y qué cambió. No incluya datos que identifiquen a víctimas.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    started = DatePartsField(label="Fecha de inicio", required=False)


class EveryForm(EntryForm):
    email = forms.EmailField(label="Adresse électronique", help_text="Celle de votre institution")
    password = forms.CharField(label="Mot de passe", widget=forms.PasswordInput)
    language = forms.ChoiceField(label="Langue du texte", choices=[("es", "español"), ("fr", "français")])
    partners = forms.MultipleChoiceField(
        label="Partenaires", choices=[("a", "Police"), ("b", "Parquet")], widget=forms.CheckboxSelectMultiple
    )
    sure = forms.BooleanField(label="Je confirme que ce texte ne permet d’identifier personne")
    file = forms.FileField(label="Pièce justificative", required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)
    partners.choice_hints = {"a": "Nationale ou locale"}


class FilterForm(forms.Form):
    round = forms.ChoiceField(label="Ronda", choices=[("1", "2014-1"), ("2", "2013-2")])
    compare = forms.ChoiceField(label="Comparar con", choices=[("2", "2013-2"), ("1", "2013-1")])


BAD_ENTRY = {"status": "partial", "reached": "5,3 mil", "results": "Seis campañas.", "started_0": "31"}
MENUS = {
    "dashboard": ["Panel", "Informes", "Estados", "Plan de Trabajo", "Contribuciones", "Evaluación", "Administración"],
    "entry": ["Inicio", "Informes", "Plan de Trabajo", "Contribuciones", "Estados"],
    "record": ["Mis tareas", "Casos", "Remisiones", "Servicios disponibles"],
    "job": ["Panel", "Informes", "Estados", "Plan de Trabajo", "Contribuciones", "Evaluación"],
    "components": ["Tableau de bord", "Rapports transmis", "États membres", "Plan de travail", "Contributions reçues"],
}
CURRENT = {"dashboard": 0, "entry": 1, "record": 1, "job": 5, "components": 3}
INSTITUTIONS = {
    "dashboard": "Secretaría · Departamento de Seguridad Pública",
    "entry": "Costa Rica · Coalición Nacional contra la Trata",
    "record": "Costa Rica · Atención a víctimas",
    "job": "Secretaría · Departamento de Seguridad Pública",
    "components": "Secrétariat général · Département de la sécurité publique",
}


def _menu(page: str) -> list[Thing]:
    return [
        Thing(
            label=label,
            url=f"#{index}",
            current=index == CURRENT[page],
            badge=7 if index == 1 else None,
            badge_label="",
        )
        for index, label in enumerate(MENUS[page])
    ]


def bar_parts(*values: int) -> list[BarPart]:
    names = {"full": "#0b4f80", "under_way": "#74add6", "not_started": "#ffffff", "no_information": "#ffffff"}
    steps = zip(names.items(), values, strict=True)
    return [BarPart(name, name.replace("_", " ").capitalize(), value, fill) for (name, fill), value in steps]


def _dashboard() -> dict[str, Any]:
    states = [
        {"code": code, "name": f"Estado {code}", "url": f"#{code}", "value": value} for code, value in TILES.items()
    ]
    areas = [(*row, bar_parts(*row[1:5])) for row in AREAS]
    reports = [(*row, bar_parts(*row[3:7])) for row in STATES]
    return {"areas": areas, "states": reports, "tiles": states, "filter": FilterForm(), "moment": MOMENT}


def _entry() -> dict[str, Any]:
    history = [
        Thing(title="Ana Mora guardó «Resultados»", at=MOMENT),
        Thing(title="Secretaría devolvió el informe", text="«Falta el número de personas»", at=dt.date(2014, 10, 19)),
        Thing(title="L. Vargas aprobó y envió", at=dt.date(2014, 10, 12)),
    ]
    return {"form": EntryForm(BAD_ENTRY), "history": history}


def _record() -> dict[str, Any]:
    names = ["Ingreso", "Evaluación", "Plan", "Servicios", "Seguimiento", "Salida"]
    return {
        "facts": [
            Thing(label="Edad", value="17 (estimada)"),
            Thing(label="Forma de explotación", value="Trabajo forzoso"),
            Thing(label="Responsable", value="D. Solano"),
            Thing(label="Riesgo", value="Alto, revisar el 25 nov.", status="overdue"),
        ],
        "actions": [Thing(text="Registrar servicio", url="#a"), Thing(text="Remitir", url="#b", kind="secondary")],
        "stages": [
            Thing(label=n, state="done" if i < 2 else "current" if i == 2 else "next") for i, n in enumerate(names)
        ],
        "side": [
            Thing(label="Resumen", url="#1"),
            Thing(label="Identidad", url="#2", note="protegida"),
            Thing(label="Plan de asistencia", url="#3", current=True),
            Thing(label="Servicios", url="#4", note="4"),
            Thing(label="Quién ha visto este caso", url="#5"),
        ],
        "rows": [
            Thing(key="Objetivo principal", value="Alojamiento seguro y documentación migratoria", url="#o"),
            Thing(key="Próxima revisión", value="25 de noviembre de 2014", url="#p"),
        ],
        "needs": [
            ("Alojamiento", "Ingreso a refugio", "PANI", dt.date(2014, 11, 20), "done", "Hecho"),
            ("Salud", "Valoración médica", "CCSS", dt.date(2014, 11, 24), "running", "En curso"),
            (
                "Documentación",
                "Solicitud de pasaporte",
                "D. Solano",
                dt.date(2014, 11, 30),
                "not_started",
                "Sin iniciar",
            ),
        ],
    }


def _job() -> dict[str, Any]:
    steps = [
        "Fijar los datos (26 informes aceptados al 24 de octubre de 2014, 16:40)",
        "Calcular indicadores y comparar con la ronda anterior",
        "Gráficos y cuadros por Estado",
        "Textos en español, inglés, francés y portugués",
        "Archivos PDF, DOCX y XLSX",
    ]
    return {
        "steps": [
            Thing(label=s, state="done" if i < 2 else "current" if i == 2 else "next") for i, s in enumerate(steps)
        ],
        "data_rows": [
            Thing(key="Plan", value="Plan 2010-2012, prolongado hasta 2014"),
            Thing(key="Rondas", value="2012-2 a 2014-1"),
            Thing(key="Estados", value="34, con 8 sin informe aceptado"),
            Thing(key="Huella", value="a41f…9c02"),
        ],
        "files": [("Español", "reviewed", "Revisada"), ("Français", "machine", "12 textos sin revisar")],
    }


def _components() -> dict[str, Any]:
    tasks = [
        Thing(
            title="Compléter le rapport 2014-1",
            url="#t1",
            hint="À fournir avant le 30 octobre",
            status="overdue",
            status_label="En retard",
        ),
        Thing(title="Répondre aux observations", url="#t2", status="returned", status_label="Renvoyé"),
        Thing(title="Vérifier la traduction", status="accepted", status_label="Accepté"),
    ]
    comments = [
        Thing(
            author="M. Rojas",
            institution="Secrétariat",
            at=MOMENT,
            text="Le nombre de personnes manque.",
            resolved=True,
        ),
        Thing(author="L. Jiménez", at=MOMENT, text="Il a été ajouté.", mine=True, lang="fr"),
    ]
    return {
        "form": EveryForm({"status": "full", "started_0": "1", "started_1": "octobre", "started_2": "2014"}),
        "tasks": tasks,
        "comments": comments,
        "crumbs": [Thing(label="Plan de travail", url="#p"), Thing(label="Composants", url="")],
        "chips": [Thing(label="État : Costa Rica", url="#c1"), Thing(label="En retard", url="#c2")],
        "page": Paginator(range(400), 10).page(12),
        "rows": [
            Thing(key="Activité", value="PRV-01", note="catalogue provisoire"),
            Thing(key="Texte", value="Campañas en zonas fronterizas", lang="es", url="#t"),
        ],
        "head": ["État", "Reçus", "Attendus"],
        "table_rows": [["Costa Rica", "36", "36"], ["Saint-Kitts-et-Nevis", "12", "36"]],
        "tags": [*STATUSES, ("draft", "Brouillon"), ("submitted", "Transmis"), ("returned", "Renvoyé"),
                 ("accepted", "Accepté"), ("overdue", "En retard"), ("no_information", "Sans information")],
        "moment": MOMENT,
    }  # fmt: skip


CONTEXTS = {"dashboard": _dashboard, "entry": _entry, "record": _record, "job": _job, "components": _components}
PAGES = tuple(CONTEXTS)


class Person:
    is_authenticated = True

    def __str__(self) -> str:
        return "M. Rojas"


def render_page(page: str, language: str = "es", query: str = "") -> str:
    """One page of the gallery as the browser gets it."""
    request = RequestFactory().get(f"/{language}/gallery/{query}")
    context = {
        **CONTEXTS[page](),
        "nav_line": _menu(page),
        "institution": INSTITUTIONS[page],
        "version": "0.1",
        "demo": page == "dashboard",
        "user": Person(),
    }
    with translation.override(language), timezone.override(ZoneInfo("America/Bogota")):
        return render_to_string(f"gallery/{page}.html", context, request=request)
