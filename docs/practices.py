"""Which practice of community building is answered by which numbers, survey questions and features.

The practices are those that people who build internal communities, networks and professional programmes name. Each is
answered by metrics, by constructs of survey items (their shares and scores are metrics by construct), by a feature, or
is not computed, with the reason. A test refuses a metric or construct that does not exist.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Practice:
    """One practice and what shows it. `missing` says what is not computed, and why."""

    id: str
    practice: str
    metrics: tuple[str, ...] = ()
    constructs: tuple[str, ...] = ()
    feature: str = ""
    missing: str = ""


COMMUNITIES = (
    Practice("framing", "Collaboration, growth and trends as the frame", ("drivers", "drivers_linear"), feature="the objective that each number serves, on Scorecard"),
    Practice("belonging", "A sense of belonging; engagement and creativity", ("sense_of_community", "engagement_index", "value_stories"), ("sense_of_community", "engagement")),
    Practice("seeking-help", "A supportive environment in which people share ideas, seek help and contribute", ("answered_within_day", "thread_response", "member_answered", "value_stories"), ("sense_of_community",),
             missing="the share of members who asked for help: a question is marked by a rule, not by what somebody needed"),
    Practice("open-channels", "Open channels, trust, safe expression, constructive criticism", ("psychological_safety", "reciprocity", "divided_opinion"), ("safety", "voice"),
             missing="whether feedback was acknowledged within a week: no source says so"),
    Practice("gatherings", "Informal gatherings, structured networking, workshops", ("event_participation", "show_up", "event_return", "first_timers", "attendance_per_event", "event_lift")),
    Practice("collaboration-tools", "Use of collaboration tools, real time and mail", ("active_members", "channel_mix", "habit_segments", "reply_time")),
    Practice("teamwork", "Working together makes unity and growth", ("sense_of_community", "event_feedback", "micro_collaborations", "cross_team_share"), ("sense_of_community",)),
    Practice("regular-evaluation", "Regular evaluation by feedback and numbers, and adapting", ("survey_response", "scale_reliability", "item_nonresponse", "straight_lining", "ceiling"), feature="the snapshots of History, and signals on Pulse"),
    Practice("feeling-valued", "People feel valued and contribute to shared goals", ("recognition_coverage", "objective_attainment"), ("recognition",)),
    Practice("strong-relationships", "Strong relationships and mutual respect", ("sense_of_community", "reciprocity", "tie_flow"), ("sense_of_community",)),
    Practice("silos", "No silos: across departments, shared spaces", ("cross_team_share", "ei_index", "group_ties", "active_channels", "micro_collaborations", "collaborations_across_teams")),
    Practice("diverse-perspectives", "Diverse perspectives, innovation, collective intelligence", ("participation_equity", "group_ties", "value_stories"),
             missing="how many teams speak in a thread: threads keep their starter and first reply only"),
    Practice("inclusivity", "All voices heard, diverse voices in decisions", ("participation_equity", "share_of_voice", "representativeness", "weighted_item_score", "divided_opinion", "change_split", "contribution_gini", "top_tenth_share", "recognition_equity"), ("voice",),
             missing="who had a say in a decision: no source records votes"),
    Practice("clear-objectives", "Clear objectives that fit the organisation; a sense of purpose", ("objective_attainment",), ("purpose",)),
    Practice("regular-meetings", "Regular meetings to share ideas, strengths, improvements", ("event_cadence", "event_participation"),
             missing="who spoke in a meeting: attendance lists do not say"),
    Practice("training", "Training on how groups and technology work", ("learning", "attendance_per_event", "learning_hours", "new_roles")),
    Practice("meaningful-connections", "Meaningful connections and personal growth", ("newcomer_integration", "learning", "new_roles"), ("growth",)),
    Practice("mentorship", "Mentors, shared knowledge and skill", ("mentoring_coverage", "mentoring_effect", "mentoring_meetings")),
    Practice("celebrate-achievements", "Achievements are celebrated, big and small", ("recognition_coverage", "attendance_per_event", "recognition_givers", "recognition_from_peers", "recognition_top_tenth", "recognition_delay", "recognition_equity"), ("recognition",)),
    Practice("flexible-access", "Remote and video; access for everybody", ("schedule_inclusion", "participation_equity", "attendance_per_event")),
    Practice("progress-updates", "Progress is shared; transparency and accountability", ("actions_on_time", "action_loop", "joint_actions")),
    Practice("right-tools", "The right mix of tools", ("channel_mix", "channel_concentration", "active_channels")),
    Practice("brainstorming", "Brainstorming and challenges", ("attendance_per_event", "value_cycles")),
    Practice("asking-members", "Members are asked what they enjoy and seek, and it changes", ("event_feedback", "comment_themes", "actions_on_time"), ("event_feedback",),
             missing="the share of wanted activities that were held: what people tick has no common names with event types"),
    Practice("rates-frequency-feedback", "Participation rates, frequency of interactions, feedback scores", ("event_participation", "interactions_per_member", "interactions_per_active_member", "stickiness", "item_score", "engagement_index")),
    Practice("open-ended-nuance", "Interviews and open-ended answers add nuance", ("comment_rate", "comment_themes", "comment_tone", "comment_prescriptive"),
             missing="the content of interviews: they can be entered as stories"),
    Practice("track-over-time", "Tracked over time, with benchmarks and trends", ("wave_change", "change_split", "panel_change", "engagement_index"), feature="own history, peers and outside references on Scorecard; process-behaviour charts"),
    Practice("regular-check-ins", "Regular check-ins, then quick adjustments", ("action_loop", "actions_on_time"), feature="signals of the week on Pulse"),
    Practice("members-in-evaluation", "Members take part in the evaluation", ("evaluation_engagement", "survey_response")),
    Practice("communication-styles", "Different styles of communication", ("channel_mix",), feature="what members choose in a question with options, under Surveys",
             missing="whether a person gets the channel they like: answers are never joined to what people do"),
    Practice("resistance-to-change", "Resistance to change", ("habit_segments", "time_to_first", "participation_equity")),
    Practice("success-stories", "Success stories from inside", ("value_stories", "value_cycles", "story_evidence", "prompted_stories", "story_follow_through")),
    Practice("time-constraints", "Too little time; set times", ("wellbeing", "schedule_inclusion", "out_of_hours"), ("wellbeing",)),
    Practice("geographic-barriers", "Distance between places", ("ei_index", "schedule_inclusion")),
    Practice("real-time-analytics", "Numbers soon enough to adapt", ("answered_within_day", "posting_members"), feature="the weekly page with signals and how old the numbers are"),
    Practice("mindfulness-wellbeing", "Mindfulness and wellbeing", ("wellbeing", "attendance_per_event", "out_of_hours"), ("wellbeing",)),
    Practice("early-identification", "Surveys, participation and goals; trouble is found early", ("drift", "member_flow", "event_participation", "posting_members"), feature="signals on Pulse"),
)  # fmt: skip

NETWORKS = (
    Practice("same-issues", "People on the same issues do not talk to each other", ("duplication_radar",)),
    Practice("duplicated-work", "Work is done twice", ("duplication_radar",), missing="whether two pieces of work are the same: titles and topics only hint at it"),
    Practice("fragmented", "The community falls into pieces", ("network_density", "isolates", "giant_component", "ei_index", "fragility")),
    Practice("effort-without-impact", "Hard work without the desired impact", ("objective_attainment", "event_participation")),
    Practice("alignment", "Alignment and learning together", ("objective_attainment", "learning")),
    Practice("designed-benefits", "Benefits come when they are designed for", ("value_stories",)),
    Practice("reflecting", "Reflecting and sharing stories now and then", ("value_stories", "value_cycles")),
    Practice("something-changed", "An example of something that changed in your work", ("value_cycles", "comment_rate")),
    Practice("own-work", "Individuals advance their own work", ("value_stories",), ("growth",)),
    Practice("micro-collaboration", "Small collaborations in pairs and groups", ("micro_collaborations", "collaborations_across_teams", "micro_to_joint", "collaboration_reach")),
    Practice("joint-action", "Joint actions", ("joint_actions", "joint_action_days")),
    Practice("other-networks", "Connected to other networks", ("value_stories", "micro_collaborations")),
    Practice("value-on-the-table", "Value that keeps people coming back", ("event_return", "value_stories"), missing="whether a benefit brings people back: stories are told by those who stayed"),
    Practice("end-of-event", "At the end of an event: what emerged, what people bring back", ("value_stories", "event_feedback"), ("event_feedback",)),
    Practice("asked-not-volunteered", "Benefits stay unseen unless somebody asks", ("value_stories",)),
    Practice("key-person", "A success goes back to a person or a door that was opened", ("event_lift", "fragility"), missing="which tie led to which success: a story may say so, no number can"),
    Practice("relationships-and-plans", "Relationships get as much attention as action plans", ("newcomers_with_tie", "cross_team_share", "actions_on_time"), feature="both stand on Scorecard"),
)  # fmt: skip

FROM_BROADCAST = (
    Practice("own-staff", "Looking at one's own organisation first", ("share_of_voice",), missing="how far the staff's own teams take part: staff are in no group by default"),
    Practice("members-help-members", "Members help each other", ("member_answered", "member_to_member")),
    Practice("changing-roles", "Roles change, barriers fall", ("share_of_voice", "member_to_member", "participation_funnel", "participation_profile")),
    Practice("facilitator", "From guardian and expert to facilitator", ("share_of_voice", "member_answered"), missing="what staff posts are for: announcements are known from canonical files only"),
    Practice("no-longer-controlled", "The process is no longer controlled", ("fragility", "absence_factor", "share_of_voice")),
    Practice("listening-to-each-other", "Members have a voice and listen to each other", ("member_to_member", "reciprocity", "psychological_safety"), ("voice",)),
    Practice("doing-it-differently", "What to do differently; chances and risks", ("objective_attainment", "member_to_member")),
    Practice("reach-inside", "People beyond those who face members are met", ("cross_team_share", "reach")),
    Practice("members-needs", "Services follow members' needs", ("comment_themes", "actions_on_time"), feature="an action names the finding it answers"),
    Practice("new-skills", "A new skillset and culture", ("time_to_first", "newcomer_conversion", "learning"), ("participation",)),
    Practice("adapting", "Understanding is never complete, so it is adapted", ("action_loop",), feature="annotations, and what a publish changed on History"),
)  # fmt: skip

PROGRAMMES = (
    Practice("clear-goals", "Clear goals, purpose and outcomes", ("objective_attainment",), ("purpose",)),
    Practice("collaborative-learning", "Learning together", ("micro_collaborations", "network_density")),
    Practice("check-ins", "Open communication and regular check-ins", ("answered_within_day", "reply_time", "survey_response", "action_loop")),
    Practice("peer-mentoring", "Peer mentoring", ("mentoring_coverage", "mentoring_effect")),
    Practice("beyond-sessions", "Networking beyond the sessions", ("event_lift", "tie_flow", "newcomers_with_tie")),
    Practice("celebrating", "Individuals and groups are celebrated", ("recognition_coverage",)),
    Practice("technology", "Technology that helps", ("active_members", "channel_mix")),
    Practice("safe-inclusive-valued", "Safe, inclusive, valued", ("psychological_safety", "participation_equity", "event_feedback"), ("safety", "recognition")),
    Practice("gathers-feedback", "Feedback is gathered and acted upon", ("survey_response", "comment_prescriptive", "event_feedback", "actions_on_time")),
    Practice("after-the-programme", "It lasts after the programme", ("after_programme", "quarter_retention")),
)  # fmt: skip

SECTIONS: dict[str, tuple[Practice, ...]] = {
    "Internal communities": COMMUNITIES,
    "Benefits of networks": NETWORKS,
    "From broadcast to members helping members": FROM_BROADCAST,
    "Professional-development communities": PROGRAMMES,
}

PRACTICES: dict[str, Practice] = {practice.id: practice for section in SECTIONS.values() for practice in section}


def describe_practices() -> str:
    """docs/reference/practices.md: each practice and what shows it."""
    parts = [
        "# Practices",
        "What good community practice asks for, and how Hearth shows it, generated from `docs/practices.py`. Metrics are "
        "described in [Metrics](metrics.md); constructs are what survey questions measure together, shown as shares and "
        "scores. Metrics in italics are being built. What no source can say is said, not guessed: neither the true "
        "productivity of people nor the quality of a leadership culture is computed.",
    ]
    for section, practices in SECTIONS.items():
        lines = [
            f"## {section}",
            "",
            "| practice | metrics | survey questions on | feature | not computed |",
            "|---|---|---|---|---|",
        ]
        lines += [_row(practice) for practice in practices]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _row(practice: Practice) -> str:
    metrics = ", ".join(f"`{name}`" for name in practice.metrics)
    constructs = ", ".join(name.replace("_", " ") for name in practice.constructs)
    return f"| {practice.practice} | {metrics} | {constructs} | {practice.feature} | {practice.missing} |"
