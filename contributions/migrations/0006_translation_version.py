from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contributions", "0005_workbooks")]

    operations = [
        migrations.AddField(
            model_name="contributiontranslation",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
    ]
