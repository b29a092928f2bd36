"""The lint of migrations refuses what an upgrade without a pause could not live with."""

from pathlib import Path

import pytest

from oas_trafficking.launcher import migrations

HEAD = "from django.db import migrations, models\n"
FIRST = f"{HEAD}class Migration(migrations.Migration):\n    operations = []\n"


def second(operation: str, note: str = "", depends: str = "0001_initial") -> str:
    return (
        f"{HEAD}{note}\nclass Migration(migrations.Migration):\n"
        f'    dependencies = [("app", "{depends}")]\n    operations = [{operation}]\n'
    )


def faults(tmp_path: Path, text: str, name: str = "0002_next.py") -> list[str]:
    folder = tmp_path / "app" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0001_initial.py").write_text(FIRST)
    (folder / name).write_text(text)
    return migrations.faults(tmp_path, {"app": 1}).splitlines()


REFUSED = {
    'migrations.RemoveField(model_name="report", name="note")': "RemoveField report note, which needs two steps",
    'migrations.RenameField(model_name="report", old_name="a", new_name="b")': "RenameField report, which needs two",
    'migrations.DeleteModel(name="Report")': "DeleteModel Report, which needs two steps",
    'migrations.RunSQL("ALTER TABLE x DROP COLUMN y", "")': "DROP COLUMN in SQL",
    'migrations.RunSQL(sql="ALTER TABLE x RENAME TO y")': "RENAME TO in SQL",
    'migrations.AddField(model_name="report", name="x", field=models.TextField(default=""))': "needs null=True or",
}
ALLOWED = (
    'migrations.AddField(model_name="report", name="x", field=models.TextField(null=True))',
    'migrations.AddField(model_name="report", name="x", field=models.TextField(db_default=""))',
    'migrations.AddField(model_name="report", name="x", field=models.ManyToManyField("y"))',
    'migrations.RunSQL("CREATE TABLE x ()", "DROP TABLE x")',
)


@pytest.mark.parametrize("operation", REFUSED)
def test_what_the_release_before_still_uses_stays(tmp_path: Path, operation: str) -> None:
    (found,) = faults(tmp_path, second(operation))
    assert REFUSED[operation] in found


@pytest.mark.parametrize("operation", ALLOWED)
def test_what_it_does_not_notice_may_come(tmp_path: Path, operation: str) -> None:
    assert faults(tmp_path, second(operation)) == []


@pytest.mark.parametrize(("note", "count"), [("# second step of 0001_initial", 0), ("# second step of 0009_never", 1)])
def test_a_second_step_names_the_first(tmp_path: Path, note: str, count: int) -> None:
    assert len(faults(tmp_path, second('migrations.DeleteModel(name="Report")', note))) == count


@pytest.mark.parametrize(("name", "depends"), [("0001_next.py", "0001_initial"), ("0002_next.py", "0000_other")])
def test_an_app_has_one_line_of_migrations(tmp_path: Path, name: str, depends: str) -> None:
    assert len(faults(tmp_path, second("", depends=depends), name)) == 1


def test_ours_are_in_order() -> None:
    assert migrations.faults() == ""
