"""Words that say nothing about a theme, and words with which people ask for something; English."""

_WORDS = """
    about above after again against all also although always and another any anybody anyone anything are around because
    been before being below between both but can cannot could did does doing done down during each either else even ever
    every everybody everyone everything for from get gets getting give given goes going got had has have having her here
    hers him his how however into its itself just keep kept less let like made make makes making many may maybe might
    more most much must need needs never next nobody none nor not nothing now off often once one ones only other others
    our ours out over own per perhaps please quite rather really same say says see seem seems she should since some
    somebody someone something still such than that the their theirs them themselves then there these they thing things
    think this those though through too under until upon very want wants was way ways were what when where whether which
    while who whom whose why will with within without would you your yours
    """
STOP_WORDS = frozenset(_WORDS.split())

ASKING = (
    "please", "should", "could", "need", "needs", "want*", "wish*", "would like", "would love", "let us", "let's", "suggest*", "more",
    "less", "fewer", "better", "stop", "start", "keep", "ask us", "tell us", "record", "show",
)  # fmt: skip
