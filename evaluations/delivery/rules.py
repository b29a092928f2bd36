"""The forms of every sentence that is made from figures: for none, one and several, by the grammar of each language.

A share also has forms for a whole of nothing and of one: "none of the 0" and "1 of the 1" are no sentences.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext_lazy


@dataclass(frozen=True)
class Rule:
    """`none` and `some` are of a whole of two or more, or of a number without a whole."""

    none: Promise
    some: Any  # ngettext_lazy over "count"
    nothing: Promise | None = None  # the whole is empty
    one_not: Promise | None = None  # the whole is one, and it is not among those counted
    one: Promise | None = None  # the whole is one, and it is

    def form(self, count: int, total: int | None) -> Any:
        if total == 0:
            return self.nothing
        if total == 1:
            return self.one if count else self.one_not
        return self.some if count else self.none


RULES: dict[str, Rule] = {
    "response": Rule(
        gettext_lazy("None of the %(total)s participating States has an accepted report for the period %(round)s."),
        ngettext_lazy(
            "%(n)s of %(total)s participating States has an accepted report for the period %(round)s (%(share)s).",
            "%(n)s of %(total)s participating States have an accepted report for the period %(round)s (%(share)s).",
            "count",
        ),
        nothing=gettext_lazy("No State was asked to report for the period %(round)s."),
        one_not=gettext_lazy("The one participating State has no accepted report for the period %(round)s."),
        one=gettext_lazy("The one participating State has an accepted report for the period %(round)s."),
    ),
    "left_out": Rule(
        gettext_lazy("None of the %(total)s participating States is left out of this evaluation."),
        ngettext_lazy(
            "%(n)s of %(total)s participating States is left out of this evaluation and in no figure.",
            "%(n)s of %(total)s participating States are left out of this evaluation and in no figure.",
            "count",
        ),
        nothing=gettext_lazy("No State was asked to report."),
        one_not=gettext_lazy("The one participating State is not left out of this evaluation."),
        one=gettext_lazy("The one participating State is left out of this evaluation and in no figure."),
    ),
    "status": Rule(
        gettext_lazy("None of the %(total)s answers on the scale is mostly or fully implemented."),
        ngettext_lazy(
            "%(n)s of %(total)s answers on the scale is mostly or fully implemented (%(share)s).",
            "%(n)s of %(total)s answers on the scale are mostly or fully implemented (%(share)s).",
            "count",
        ),
        nothing=gettext_lazy("No answer is on the scale."),
        one_not=gettext_lazy("The one answer on the scale is neither mostly nor fully implemented."),
        one=gettext_lazy("The one answer on the scale is mostly or fully implemented."),
    ),
    "silent": Rule(
        gettext_lazy("None of the %(total)s answers asked for is without information."),
        ngettext_lazy(
            "%(n)s of %(total)s answers asked for is without information (%(share)s).",
            "%(n)s of %(total)s answers asked for are without information (%(share)s).",
            "count",
        ),
        nothing=gettext_lazy("No answer was asked for."),
        one_not=gettext_lazy("The one answer asked for is not without information."),
        one=gettext_lazy("The one answer asked for is without information."),
    ),
    "forward": Rule(
        gettext_lazy("None of the %(total)s answers on the scale in both periods moved forward since %(before)s."),
        ngettext_lazy(
            "%(n)s of %(total)s answers on the scale in both periods moved forward since %(before)s (%(share)s).",
            "%(n)s of %(total)s answers on the scale in both periods moved forward since %(before)s (%(share)s).",
            "count",
        ),
        nothing=gettext_lazy("No answer is on the scale in both periods, so none is compared with %(before)s."),
        one_not=gettext_lazy("The one answer on the scale in both periods did not move forward since %(before)s."),
        one=gettext_lazy("The one answer on the scale in both periods moved forward since %(before)s."),
    ),
    "back": Rule(
        gettext_lazy("None of the %(total)s answers on the scale in both periods moved back since %(before)s."),
        ngettext_lazy(
            "%(n)s of %(total)s answers on the scale in both periods moved back since %(before)s (%(share)s).",
            "%(n)s of %(total)s answers on the scale in both periods moved back since %(before)s (%(share)s).",
            "count",
        ),
        nothing=gettext_lazy("No answer is on the scale in both periods, so none is compared with %(before)s."),
        one_not=gettext_lazy("The one answer on the scale in both periods did not move back since %(before)s."),
        one=gettext_lazy("The one answer on the scale in both periods moved back since %(before)s."),
    ),
    "majority": Rule(
        gettext_lazy(
            "In none of the %(total)s activities are more than half of the answers on the scale "
            "mostly or fully implemented."
        ),
        ngettext_lazy(
            "In %(n)s of %(total)s activities more than half of the answers on the scale "
            "are mostly or fully implemented.",
            "In %(n)s of %(total)s activities more than half of the answers on the scale "
            "are mostly or fully implemented.",
            "count",
        ),
        nothing=gettext_lazy("No activity is addressed to member States."),
        one_not=gettext_lazy(
            "Of the one activity not more than half of the answers on the scale are mostly or fully implemented."
        ),
        one=gettext_lazy(
            "Of the one activity more than half of the answers on the scale are mostly or fully implemented."
        ),
    ),
    "activity": Rule(
        gettext_lazy(
            "%(code)s: none of the %(total)s answers on the scale is mostly or fully implemented "
            "(not applicable: %(not_applicable)s; no information: %(no_information)s)."
        ),
        ngettext_lazy(
            "%(code)s: %(n)s of %(total)s answers on the scale is mostly or fully implemented "
            "(not applicable: %(not_applicable)s; no information: %(no_information)s).",
            "%(code)s: %(n)s of %(total)s answers on the scale are mostly or fully implemented "
            "(not applicable: %(not_applicable)s; no information: %(no_information)s).",
            "count",
        ),
        nothing=gettext_lazy(
            "%(code)s: no answer is on the scale "
            "(not applicable: %(not_applicable)s; no information: %(no_information)s)."
        ),
        one_not=gettext_lazy(
            "%(code)s: the one answer on the scale is neither mostly nor fully implemented "
            "(not applicable: %(not_applicable)s; no information: %(no_information)s)."
        ),
        one=gettext_lazy(
            "%(code)s: the one answer on the scale is mostly or fully implemented "
            "(not applicable: %(not_applicable)s; no information: %(no_information)s)."
        ),
    ),
    "actions": Rule(
        gettext_lazy("No action carried out in the period was reported."),
        ngettext_lazy(
            "%(n)s action carried out in the period was reported.",
            "%(n)s actions carried out in the period were reported.",
            "count",
        ),
    ),
    "obstacle": Rule(
        gettext_lazy("No obstacle was named."),
        ngettext_lazy(
            "Named most often as an obstacle: %(obstacle)s, in %(n)s answer.",
            "Named most often as an obstacle: %(obstacle)s, in %(n)s answers.",
            "count",
        ),
    ),
    "mandates": Rule(
        gettext_lazy(
            "None of the %(total)s mandates of the General Secretariat on the scale is mostly or fully implemented "
            "(not applicable: %(not_applicable)s; no information: %(no_information)s)."
        ),
        ngettext_lazy(
            "%(n)s of %(total)s mandates of the General Secretariat on the scale is mostly or fully implemented "
            "(not applicable: %(not_applicable)s; no information: %(no_information)s).",
            "%(n)s of %(total)s mandates of the General Secretariat on the scale are mostly or fully implemented "
            "(not applicable: %(not_applicable)s; no information: %(no_information)s).",
            "count",
        ),
        nothing=gettext_lazy(
            "No mandate of the General Secretariat is on the scale "
            "(not applicable: %(not_applicable)s; no information: %(no_information)s)."
        ),
        one_not=gettext_lazy(
            "The one mandate of the General Secretariat on the scale is neither mostly nor fully implemented "
            "(not applicable: %(not_applicable)s; no information: %(no_information)s)."
        ),
        one=gettext_lazy(
            "The one mandate of the General Secretariat on the scale is mostly or fully implemented "
            "(not applicable: %(not_applicable)s; no information: %(no_information)s)."
        ),
    ),
    "theme": Rule(
        gettext_lazy(
            "Conclusion %(code)s: none of the %(total)s answers on the scale is mostly or fully implemented "
            "(not applicable: %(not_applicable)s; no information: %(no_information)s)."
        ),
        ngettext_lazy(
            "Conclusion %(code)s: %(n)s of %(total)s answers on the scale is mostly or fully implemented "
            "(%(share)s; not applicable: %(not_applicable)s; no information: %(no_information)s).",
            "Conclusion %(code)s: %(n)s of %(total)s answers on the scale are mostly or fully implemented "
            "(%(share)s; not applicable: %(not_applicable)s; no information: %(no_information)s).",
            "count",
        ),
        nothing=gettext_lazy(
            "Conclusion %(code)s: no answer is on the scale "
            "(not applicable: %(not_applicable)s; no information: %(no_information)s)."
        ),
        one_not=gettext_lazy(
            "Conclusion %(code)s: the one answer on the scale is neither mostly nor fully implemented "
            "(not applicable: %(not_applicable)s; no information: %(no_information)s)."
        ),
        one=gettext_lazy(
            "Conclusion %(code)s: the one answer on the scale is mostly or fully implemented "
            "(not applicable: %(not_applicable)s; no information: %(no_information)s)."
        ),
    ),
    "nowhere": Rule(
        gettext_lazy("Each of the %(total)s activities is mostly or fully implemented by at least one State."),
        ngettext_lazy(
            "%(n)s of %(total)s activities is mostly or fully implemented by no State.",
            "%(n)s of %(total)s activities are mostly or fully implemented by no State.",
            "count",
        ),
        nothing=gettext_lazy("No activity of this area is addressed to member States."),
        one_not=gettext_lazy("The one activity is mostly or fully implemented by at least one State."),
        one=gettext_lazy("The one activity is mostly or fully implemented by no State."),
    ),
    "least_known": Rule(
        gettext_lazy("No activity is without information from a State."),
        ngettext_lazy(
            "Most often without information: %(activities)s, with %(n)s of %(total)s answers asked for.",
            "Most often without information: %(activities)s, with %(n)s of %(total)s answers asked for.",
            "count",
        ),
        nothing=gettext_lazy("No answer was asked for in this area."),
        one_not=gettext_lazy("The one answer asked for is given."),
        one=gettext_lazy("The one answer asked for is without information: %(activities)s."),
    ),
    "authorities": Rule(
        gettext_lazy("For none of the %(total)s States is the national authority confirmed or found in a source."),
        ngettext_lazy(
            "For %(n)s of %(total)s States the national authority is confirmed or found in a source.",
            "For %(n)s of %(total)s States the national authority is confirmed or found in a source.",
            "count",
        ),
        nothing=gettext_lazy("No State is in the figures, so no national authority is counted."),
        one_not=gettext_lazy(
            "The national authority of the one State in the figures is neither confirmed nor found in a source."
        ),
        one=gettext_lazy("The national authority of the one State in the figures is confirmed or found in a source."),
    ),
    "plans_in_force": Rule(
        gettext_lazy("None of the %(total)s States in the figures has a registered plan in force on %(day)s."),
        ngettext_lazy(
            "%(n)s of %(total)s States in the figures has a registered plan in force on %(day)s.",
            "%(n)s of %(total)s States in the figures have a registered plan in force on %(day)s.",
            "count",
        ),
        nothing=gettext_lazy("No State is in the figures, so no plan in force is counted."),
        one_not=gettext_lazy("The one State in the figures has no registered plan in force on %(day)s."),
        one=gettext_lazy("The one State in the figures has a registered plan in force on %(day)s."),
    ),
    "plans_expired": Rule(
        gettext_lazy("For none of the %(total)s States in the figures had the registered plans ended by %(day)s."),
        ngettext_lazy(
            "For %(n)s of %(total)s States in the figures a plan had ended by %(day)s and none was in force.",
            "For %(n)s of %(total)s States in the figures a plan had ended by %(day)s and none was in force.",
            "count",
        ),
        nothing=gettext_lazy("No State is in the figures, so no plan that ended is counted."),
        one_not=gettext_lazy("For the one State in the figures no registered plan had ended without another in force."),
        one=gettext_lazy("For the one State in the figures a registered plan had ended and none was in force."),
    ),
    "plans_ahead": Rule(
        gettext_lazy("No State has registered only plans that begin after %(day)s."),
        ngettext_lazy(
            "%(n)s State has registered only plans that begin after %(day)s.",
            "%(n)s States have registered only plans that begin after %(day)s.",
            "count",
        ),
    ),
    "plans_none": Rule(
        gettext_lazy("Each of the %(total)s States in the figures has registered a plan."),
        ngettext_lazy(
            "For %(n)s of %(total)s States in the figures no plan is registered; this does not say that there is none.",
            "For %(n)s of %(total)s States in the figures no plan is registered; this does not say that there is none.",
            "count",
        ),
        nothing=gettext_lazy("No State is in the figures, so no missing plan is counted."),
        one_not=gettext_lazy("The one State in the figures has registered a plan."),
        one=gettext_lazy("For the one State in the figures no plan is registered; there may still be one."),
    ),
    "bound": Rule(
        gettext_lazy("%(code)s: no State has registered that it was bound by ratification or accession on %(day)s."),
        ngettext_lazy(
            "%(code)s: %(n)s State has registered that it was bound by ratification or accession on %(day)s.",
            "%(code)s: %(n)s States have registered that they were bound by ratification or accession on %(day)s.",
            "count",
        ),
    ),
    "networks": Rule(
        gettext_lazy("No network is listed at this level: %(level)s."),
        ngettext_lazy(
            "%(n)s network is listed at this level: %(level)s.",
            "%(n)s networks are listed at this level: %(level)s.",
            "count",
        ),
    ),
    "agreements": Rule(
        gettext_lazy("No agreement between States is recorded as in force at the end of the period."),
        ngettext_lazy(
            "%(n)s agreement between States is recorded as in force at the end of the period.",
            "%(n)s agreements between States are recorded as in force at the end of the period.",
            "count",
        ),
    ),
    "contributions": Rule(
        gettext_lazy("No contribution has been published."),
        ngettext_lazy("%(n)s contribution is published here.", "%(n)s contributions are published here.", "count"),
    ),
    "closed": Rule(
        gettext_lazy("No other contribution was accepted."),
        ngettext_lazy(
            "%(n)s other contribution was accepted and is not public.",
            "%(n)s other contributions were accepted and are not public.",
            "count",
        ),
    ),
    "needs": Rule(
        gettext_lazy("No need for technical assistance is recorded."),
        ngettext_lazy(
            "%(n)s need for technical assistance is recorded.",
            "%(n)s needs for technical assistance are recorded.",
            "count",
        ),
    ),
    "offers": Rule(
        gettext_lazy("No offer of technical assistance is recorded."),
        ngettext_lazy(
            "%(n)s offer of technical assistance is recorded.",
            "%(n)s offers of technical assistance are recorded.",
            "count",
        ),
    ),
    "matched": Rule(
        gettext_lazy("No need has been brought together with an offer yet."),
        ngettext_lazy(
            "%(n)s need has been brought together with an offer.",
            "%(n)s needs have been brought together with an offer.",
            "count",
        ),
    ),
}
