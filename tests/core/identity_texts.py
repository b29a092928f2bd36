"""Texts with and without somebody's identity, in four languages.

Independent of the guard: people, addresses and numbers come from Faker's lists by country, bodies from the
reference data of the portal, and the sentences were written without looking at the guard's words.
"""

import csv
import io
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from faker import Faker
from openpyxl import Workbook
from weasyprint import HTML

LOCALES = {
    "es": ("es_MX", "es_CO", "es_AR", "es_CL", "es_ES"),
    "en": ("en_US", "en_CA", "en_GB"),
    "fr": ("fr_FR", "fr_CA"),
    "pt-br": ("pt_BR",),
}
DATA = Path(__file__).resolve().parents[2] / "accounts" / "data"

# Where a name, a document, a telephone number, a birth date or an address stands in real letters.
WITH = {
    "es": {
        "name": (
            "Remitimos los antecedentes de {name}, quien fue identificada durante el operativo.",
            "La persona se llama {name} y permanece en un albergue de la capital.",
            "{name} viajó en autobús desde la frontera hasta la terminal.",
            "Según el acta, {name} declaró ante la fiscalía y pidió volver a su país.",
            "Adjuntamos la entrevista con la señora {name}.",
            "Pedimos confirmar si {name} tiene familiares en esa provincia.",
            "Caso: {name}. Se solicita coordinar el retorno.",
        ),
        "document": (
            "Su número de identidad es {document}.",
            "Viajó con el pasaporte {document}, expedido el año pasado.",
            "Documento: {document}; por favor confirmen si es auténtico.",
        ),
        "phone": (
            "Pueden llamar a la familia al {phone} por las tardes.",
            "El contacto que usaba el reclutador era {phone}.",
            "Teléfono: {phone}",
        ),
        "birth": ("Nacida el {birth} en una zona rural.", "Fecha de nacimiento: {birth}.", "La niña nació el {birth}."),
        "email": ("Escribe desde {email} y pide protección.", "Le ofrecieron trabajo por correo, desde {email}."),
    },
    "en": {
        "name": (
            "We are forwarding the file of {name}, who was identified during the operation.",
            "The person is called {name} and is staying at a shelter in the capital.",
            "{name} travelled by bus from the border to the terminal.",
            "According to the record, {name} gave a statement and asked to go home.",
            "Please find attached the interview with Ms {name}.",
            "Kindly confirm whether {name} has relatives in that province.",
            "Case: {name}. We ask for help with the return.",
        ),
        "document": (
            "Her national identity number is {document}.",
            "He travelled on passport {document}, issued last year.",
            "Document no. {document}; please confirm that it is genuine.",
        ),
        "phone": (
            "The family can be reached on {phone} in the afternoon.",
            "The recruiter used the number {phone}.",
            "Phone: {phone}",
        ),
        "birth": ("Born on {birth} in a rural area.", "Date of birth: {birth}.", "The girl was born on {birth}."),
        "email": ("She writes from {email} and asks for protection.", "The job was offered by mail from {email}."),
    },
    "fr": {
        "name": (
            "Nous transmettons le dossier de {name}, identifiée pendant l’opération.",
            "La personne s’appelle {name} et loge dans un foyer de la capitale.",
            "{name} a voyagé en autocar depuis la frontière.",
            "Selon le procès-verbal, {name} a déposé et souhaite rentrer au pays.",
            "Ci-joint l’entretien avec Mme {name}.",
            "Merci de confirmer si {name} a de la famille dans cette province.",
            "Dossier : {name}. Nous demandons d’organiser le retour.",
        ),
        "document": (
            "Son numéro d’identité est le {document}.",
            "Il voyageait avec le passeport {document}, délivré l’an dernier.",
            "Pièce n° {document} ; merci de vérifier qu’elle est authentique.",
        ),
        "phone": (
            "On peut joindre la famille au {phone} l’après-midi.",
            "Le recruteur utilisait le {phone}.",
            "Téléphone : {phone}",
        ),
        "birth": ("Née le {birth} en zone rurale.", "Date de naissance : {birth}.", "L’enfant est né le {birth}."),
        "email": ("Elle écrit depuis {email} et demande protection.", "L’offre d’emploi venait de {email}."),
    },
    "pt-br": {
        "name": (
            "Encaminhamos os autos de {name}, identificada durante a operação.",
            "A pessoa se chama {name} e está em um abrigo da capital.",
            "{name} viajou de ônibus desde a fronteira até a rodoviária.",
            "Segundo a ata, {name} prestou depoimento e quer voltar ao seu país.",
            "Segue a entrevista com a senhora {name}.",
            "Pedimos confirmar se {name} tem familiares naquele estado.",
            "Caso: {name}. Solicitamos apoio para o retorno.",
        ),
        "document": (
            "O número do documento dela é {document}.",
            "Viajou com o passaporte {document}, emitido no ano passado.",
            "Documento: {document}; favor confirmar se é autêntico.",
        ),
        "phone": (
            "A família atende no {phone} à tarde.",
            "O aliciador usava o número {phone}.",
            "Telefone: {phone}",
        ),
        "birth": ("Nascida em {birth} na zona rural.", "Data de nascimento: {birth}.", "A menina nasceu em {birth}."),
        "email": ("Ela escreve de {email} e pede proteção.", "A vaga foi oferecida por mensagem de {email}."),
    },
}
# What authorities write to each other all day without naming anybody.
WITHOUT = {
    "es": (
        "Solicitamos información sobre la ruta terrestre entre {state} y {other}.",
        "En {year} se dictaron {count} condenas; el presupuesto fue de {amount} dólares.",
        "Agradecemos a {body} su respuesta del {date}.",
        "¿Qué organismo de {state} expide los documentos de viaje de emergencia?",
        "La Ley {law} y su reglamento prevén medidas de protección inmediata.",
        "Proponemos una capacitación de tres días para {count} funcionarios en {year}.",
        "La resolución AG/RES. {number} pide informar antes de la Cuarta Reunión.",
        "Tres personas adultas y una menor de edad desean regresar a {state}.",
        "El taller se realizó el {date} con {body}.",
        "Rogamos indicar el horario de atención y el plazo de respuesta.",
        "Compartimos nuestra guía de entrevista, capítulo {small}, páginas {small} a {count}.",
    ),
    "en": (
        "We would like to know about the land route between {state} and {other}.",
        "In {year} there were {count} convictions; the budget was {amount} dollars.",
        "Thank you to {body} for the answer of {date}.",
        "Which office of {state} issues emergency travel documents?",
        "Act {law} and its regulations provide for immediate protection.",
        "We propose a three-day course for {count} officials in {year}.",
        "Resolution AG/RES. {number} asks for reports before the Fourth Meeting.",
        "Three adults and one child wish to return to {state}.",
        "The workshop was held on {date} with {body}.",
        "Kindly tell us the opening hours and the usual time to answer.",
        "We are sharing our interview guide, chapter {small}, pages {small} to {count}.",
    ),
    "fr": (
        "Nous souhaitons des informations sur la route terrestre entre {state} et {other}.",
        "En {year}, {count} condamnations ont été prononcées ; le budget était de {amount} dollars.",
        "Merci à {body} pour la réponse du {date}.",
        "Quel service de {state} délivre les titres de voyage d’urgence ?",
        "La loi {law} et son décret prévoient une protection immédiate.",
        "Nous proposons une formation de trois jours pour {count} agents en {year}.",
        "La résolution AG/RES. {number} demande un rapport avant la Quatrième Réunion.",
        "Trois adultes et un enfant souhaitent retourner en {state}.",
        "L’atelier s’est tenu le {date} avec {body}.",
        "Veuillez indiquer les heures d’ouverture et le délai de réponse.",
        "Nous partageons notre guide d’entretien, chapitre {small}, pages {small} à {count}.",
    ),
    "pt-br": (
        "Solicitamos informações sobre a rota terrestre entre {state} e {other}.",
        "Em {year} houve {count} condenações; o orçamento foi de {amount} dólares.",
        "Agradecemos a {body} pela resposta de {date}.",
        "Qual órgão de {state} emite documentos de viagem de emergência?",
        "A Lei {law} e seu regulamento preveem proteção imediata.",
        "Propomos uma capacitação de três dias para {count} servidores em {year}.",
        "A resolução AG/RES. {number} pede relatórios antes da Quarta Reunião.",
        "Três adultos e uma criança desejam voltar a {state}.",
        "A oficina foi realizada em {date} com {body}.",
        "Pedimos informar o horário de atendimento e o prazo de resposta.",
        "Compartilhamos nosso guia de entrevista, capítulo {small}, páginas {small} a {count}.",
    ),
}
MONTHS = {
    language: words.split()
    for language, words in {
        "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "en": "January February March April May June July August September October November December",
        "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "pt-br": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    }.items()
}


@dataclass(frozen=True)
class Sample:
    language: str
    has_identity: bool
    kind: str  # of identity
    value: str  # what gives somebody away
    text: str


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Writer:
    """Makes samples; the same seed makes the same."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.fakers = {code: [Faker(name) for name in names] for code, names in LOCALES.items()}
        for number, fakers in enumerate(self.fakers.values()):
            for faker in fakers:
                faker.seed_instance(seed + number)
        self.states = rows("states.csv")
        self.bodies = [row["name"] for row in rows("authorities.csv") if row["name"]]

    def samples(self, count: int) -> Iterator[Sample]:
        languages, kinds = list(LOCALES), list(WITH["es"])
        for number in range(count):
            language = languages[number % 4]
            kind = kinds[number // 8 % 5] if number // 4 % 2 else ""
            value = getattr(self, f"_{kind}")(language) if kind else ""
            yield Sample(language, bool(kind), kind, value, self._text(language, kind, value))

    def _text(self, language: str, kind: str, value: str) -> str:
        """Two or three ordinary sentences, among them the one that gives somebody away."""
        sentences = [self._ordinary(language) for _ in range(self.rng.randint(1, 3))]
        if kind:
            pattern = self.rng.choice(WITH[language][kind])
            sentences.insert(self.rng.randint(0, len(sentences)), pattern.format(**{kind: value}))
        return " ".join(sentences)

    def _ordinary(self, language: str) -> str:
        one, other = self.rng.sample(self.states, 2)
        column = "name_" + language.replace("-", "_")
        return self.rng.choice(WITHOUT[language]).format(
            state=one[column],
            other=other[column],
            year=self.rng.randint(2010, 2014),
            count=self.rng.randint(12, 480),
            small=self.rng.randint(1, 12),
            amount=f"{self.rng.randint(20, 990)} {self.rng.randint(0, 999):03}",
            law=self.rng.choice(("26.842", "263", "79 de 2011", "985/2005", "304/015")),
            number=f"{self.rng.randint(1900, 2800)} (XL-O/{self.rng.randint(6, 14)})",
            body=self.rng.choice(self.bodies),
            date=self._date(language, self.rng.randint(2010, 2014)),
        )

    def _date(self, language: str, year: int) -> str:
        day, month = self.rng.randint(2, 28), self.rng.randint(1, 12)
        word = MONTHS[language][month - 1]
        words = f"{day} de {word} de {year}" if language in {"es", "pt-br"} else f"{day} {word} {year}"
        forms = (words, words, f"{day:02}/{month:02}/{year}", f"{year}-{month:02}-{day:02}", f"{day}.{month}.{year}")
        return self.rng.choice(forms)

    def _faker(self, language: str) -> Faker:
        return self.rng.choice(self.fakers[language])

    def _name(self, language: str) -> str:
        """As people write them: mostly in full; also in capitals, family name first, or in small letters."""
        faker = self._faker(language)
        first, last = faker.first_name(), faker.last_name()
        forms = [f"{first} {last}"] * 12 + [f"{first} {last} {faker.last_name()}"] * 4
        forms += [
            f"{last.upper()}, {first}",
            f"{first} {last}".upper(),
            f"{first} {last[0]}.",
            f"{first} {last}".lower(),
        ]
        return self.rng.choice(forms)

    def _document(self, language: str) -> str:
        digits = self.rng.choice(("########", "#.###.###-#", "##.###.###-#", "?#######", "??######", "###-##-####"))
        forms: list[Callable[[], str]] = [
            lambda: self._faker(language).ssn(),
            lambda: self._faker(language).bothify(digits, letters="ABCDEFGHJKLMNPRSTUVXYZ"),
            lambda: self.fakers["pt-br"][0].cpf(),
        ]
        return self.rng.choice(forms)()

    def _phone(self, language: str) -> str:
        return self._faker(language).phone_number()

    def _birth(self, language: str) -> str:
        return self._date(language, self.rng.randint(1965, 2012))

    def _email(self, language: str) -> str:
        return self._faker(language).free_email()


# --- the same text as a file ----------------------------------------------------------------------

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def as_docx(text: str) -> bytes:
    """The words split into runs, as word processors leave them."""
    words = "".join(f'<w:r><w:t xml:space="preserve">{escape(part)} </w:t></w:r>' for part in text.split(" "))
    document = f"<w:document {_W}><w:body><w:p>{words}</w:p></w:body></w:document>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("word/document.xml", document)
    return buffer.getvalue()


def as_odt(text: str) -> bytes:
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    names = f'xmlns:o="{urn}:office:1.0" xmlns:t="{urn}:text:1.0"'
    content = (
        f"<o:document-content {names}><o:body><o:text><t:p>{escape(text)}</t:p></o:text></o:body></o:document-content>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("content.xml", content)
    return buffer.getvalue()


def as_xlsx(text: str) -> bytes:
    book, buffer = Workbook(), io.BytesIO()
    for sentence in text.split(". "):
        book.active.append(["", sentence])
    book.save(buffer)
    return buffer.getvalue()


def as_pdf(text: str) -> bytes:
    return HTML(string=f"<p>{escape(text)}</p>").write_pdf()  # type: ignore[no-any-return]


FILES: dict[str, Callable[[str], bytes]] = {
    "txt": str.encode,
    "csv": lambda text: f'nota\n"{text.replace(chr(34), "")}"\n'.encode("cp1252", errors="replace"),
    "docx": as_docx,
    "odt": as_odt,
    "xlsx": as_xlsx,
    "pdf": as_pdf,
}
