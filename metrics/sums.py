"""Which numbers of groups add up to that of the whole, so that what is left over beside them is somebody's."""

# Metrics of which the whole less its groups is no number of those who are in no group: of active_channels the whole counts
# channels and groups people; medians, a concentration, a Gini and correlations are no sums, nor have small groups a row of
# the last; density is of pairs inside a group, and of one person there is none; changes are counted in the wave of fewer
# people, and are withheld with what they are changes of; who was invited is told by hand for the whole, and by the roster for
# groups. Ties between groups stay in: of one group and some in none they are a sum.
NOT_SUMS = (
    "active_channels",
    "channel_concentration",
    "contribution_gini",
    "drivers",
    "drivers_linear",
    "interactions_per_active_member",
    "network_density",
    "survey_response",
    "wave_change",
)

# Of these the whole is counted by each dimension for itself.
WITHIN_A_DIMENSION = ("ei_index",)

# SQL: how many people of a table's row add up to those of a whole. Of a wave these are answers: the people of a construct are
# those of its least answered question, and of several groups not those of the same one.
MEMBERS = "case when {0}.grain = 'wave' then coalesce({0}.denominator, {0}.people) else {0}.people end"
