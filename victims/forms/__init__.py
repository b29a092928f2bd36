"""Forms of case records. Nothing but consent is required: what was not asked stays blank, and each group may say what
the person preferred not to speak of."""

from victims.forms.consents import ConsentForm, FirstConsentForm, FurtherConsentForm
from victims.forms.decisions import (
    AlertForm,
    ColleagueForm,
    CountForm,
    DecisionForm,
    EmergencyForm,
    ReasonForm,
    SearchForm,
    WordsForm,
)
from victims.forms.entries import (
    ENTRY_FORMS,
    EntryForm,
    EventForm,
    ExitForm,
    GoalForm,
    InterviewForm,
    NeedForm,
    NoteForm,
    ProtectionForm,
    SafetyForm,
    ServiceForm,
    StepForm,
    TaskForm,
)
from victims.forms.exchange import ExportForm, ImportForm
from victims.forms.referrals import MessageForm, ReferralForm, RefusalForm
from victims.forms.retention import (
    RETENTION_FORMS,
    BareForm,
    ConfirmForm,
    EraseForm,
    HoldForm,
    KeepForm,
    LiftForm,
    RulesForm,
)
from victims.forms.sections import SectionForm

__all__ = [
    "ENTRY_FORMS",
    "RETENTION_FORMS",
    "AlertForm",
    "BareForm",
    "ColleagueForm",
    "ConfirmForm",
    "ConsentForm",
    "CountForm",
    "DecisionForm",
    "EmergencyForm",
    "EntryForm",
    "EraseForm",
    "EventForm",
    "ExitForm",
    "ExportForm",
    "FirstConsentForm",
    "FurtherConsentForm",
    "GoalForm",
    "HoldForm",
    "ImportForm",
    "InterviewForm",
    "KeepForm",
    "LiftForm",
    "MessageForm",
    "NeedForm",
    "NoteForm",
    "ProtectionForm",
    "ReasonForm",
    "ReferralForm",
    "RefusalForm",
    "RulesForm",
    "SafetyForm",
    "SearchForm",
    "SectionForm",
    "ServiceForm",
    "StepForm",
    "TaskForm",
    "WordsForm",
]
