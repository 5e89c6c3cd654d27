"""`tessera shell`: code as a whole and statement by statement, what is kept, what is taken back, what is told."""

import pytest
from click.testing import CliRunner

import cli
from core.commands.shell import Console, Session
from core.database import connect


@pytest.fixture
def run(instance):
    def command(code, *options, exit_code=0, **given):
        arguments = ["shell", *options, "--db", instance.database.url, *(("-c", code) if code is not None else ())]
        result = CliRunner().invoke(cli.main, arguments, **given)
        assert result.exit_code == exit_code, result.output
        return result

    return command


@pytest.fixture
def console(instance):
    """Enters statements as somebody at a terminal does; what they are told comes back."""

    def make(*, write, login=None):
        session = Session(instance, login, write=write)
        found = Console(session)
        told = []
        found.write = told.append

        def enter(*lines):
            del told[:]
            for line in lines:
                found.push(line)
            return "".join(told)

        enter.session = session
        opened.append(session)
        return enter

    opened = []
    yield make
    for session in opened:
        session.rollback()


def names(instance):
    other = connect(instance.database.url)
    try:
        return [name for (name,) in other.fetch("SELECT name FROM res_partner ORDER BY id")]
    finally:
        other.close()


def test_code_reads(run):
    assert run("print(env['res.users'].count(), instance.installed[0])").output == "1 base\n"
    assert run("print(env.user)", "--as", "admin").output.strip().isdecimal()
    assert run(None, input="for each in range(2):\n    print(each)\n").output == "0\n1\n"


def test_code_that_only_reads_changes_nothing(run, instance):
    before = names(instance)
    result = run("env['res.partner'].create(name='No')", exit_code=1)
    assert result.stderr.startswith("Refused: ") and "Traceback" not in result.output
    assert names(instance) == before


def test_code_that_writes_is_committed_at_its_end(run, instance):
    run("env['res.partner'].create(name='Kept')", "--write")
    assert names(instance)[-1] == "Kept"
    with instance.environment() as env:
        (found,) = env["core.change_set"].read("label == 'shell'", ["kind", "user"])
    assert found == {"kind": "command", "user": instance.administrator}


@pytest.mark.parametrize(
    ("code", "told", "exit_code"),
    [
        ("1 / 0", "ZeroDivisionError", 1),
        ("raise SystemExit(2)", "", 2),
        ("raise SystemExit('no')", "no", 1),
        ("raise SystemExit", "", 0),
        ("env['res.partnr']", "Refused: There is no model 'res.partnr'", 1),
        ("commit()", "committed at its end", 1),
    ],
)
def test_code_that_fails_has_changed_nothing(run, instance, code, told, exit_code):
    before = names(instance)
    result = run(f"env['res.partner'].create(name='No')\n{code}", "--write", exit_code=exit_code)
    assert told in result.stderr and "shell.py" not in result.stderr
    assert names(instance) == before


def test_what_is_no_python_is_wrong_usage(run):
    result = run("x = = 1", exit_code=2)
    assert "SyntaxError" in result.stderr and "^" in result.stderr
    assert "There is no user 'nobody'" in run("1", "--as", "nobody", exit_code=1).stderr


def test_statements_that_read_hold_no_transaction(console, instance, capsys):
    enter = console(write=False)
    enter("partners = env['res.partner']", "row = partners.search('', limit=1)[0]")
    assert not instance.database.in_transaction
    with instance.environment() as env:
        env["res.partner"].write(env["res.partner"].search("", limit=1), name="Changed meanwhile")
    enter("partners.search('', limit=1)[0].name")
    assert capsys.readouterr().out == "'Changed meanwhile'\n"
    assert "Refused: " in enter("partners.create(name='No')")
    assert "NameError" in enter("nothing")
    assert not instance.database.in_transaction


def test_changes_wait_for_commit(console, instance):
    enter = console(write=True)
    assert enter("partners = env['res.partner']", "partners.count()") == ""
    assert not enter.session.unsaved and not instance.database.in_transaction
    enter("made = partners.create(name='Kept')")
    assert enter.session.unsaved and names(instance)[-1] != "Kept"
    enter("commit()")
    assert names(instance)[-1] == "Kept"
    assert not enter.session.unsaved and not instance.database.in_transaction
    enter("partners.write(made, name='Again'); commit()")
    assert names(instance)[-1] == "Again"
    enter("partners.write(made, name='No')", "rollback()")
    assert names(instance)[-1] == "Again"
    assert not instance.database.in_transaction
    with instance.environment() as env:
        assert env["core.change_set"].count("label == 'shell'") == 2


def test_a_statement_that_fails_takes_back_its_own_changes_only(console, instance):
    enter = console(write=True)
    assert "ZeroDivisionError" in enter("env['res.partner'].create(name='No'); 1 / 0")
    assert not enter.session.unsaved and not instance.database.in_transaction
    enter("env['res.partner'].create(name='Kept')")
    assert "ZeroDivisionError" in enter("env['res.partner'].create(name='No'); commit(); 1 / 0")
    assert enter.session.unsaved
    enter("commit()")
    assert names(instance)[-1] == "Kept" and "No" not in names(instance)


def test_statements_below_the_records_wait_too(console, instance):
    enter = console(write=True)
    enter("env.database.execute(\"UPDATE res_partner SET name = 'By hand'\").rowcount")
    assert enter.session.unsaved
    enter("commit()")
    assert set(names(instance)) == {"By hand"}


def test_rights_that_change_are_known_to_the_next_statement(console, instance):
    enter = console(write=True, login="admin")
    enter("joe = env['res.users'].create(login='joe', name='Joe')")
    enter("env['res.users'].write(joe, groups=[env.ref('base.internal')])", "commit()")
    assert enter("env.as_user(joe.id)['res.partner'].count()") == ""
