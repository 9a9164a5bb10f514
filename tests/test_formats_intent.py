"""The rule of intent, and how often it is right: counted anew over messages that were labelled by hand.

A label says whether the author wanted an answer (ask) or thanked somebody (thank). Suggestions in the form of a question,
rhetorical questions and tags are no asks. The messages are named by file and line or by their id; no text is kept here.
"""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.intent import PRECISION, own_words, read_intent

# Of the 452 lines of the annotated part that the rule first called questions, 150 drawn at random.
IRC_ASKS = {
    "2004-11-15_03": "1067 1133 1141 1157 1163 1169 1181 1197 1210 1214 1221 1225 1237 1242",
    "2005-06-27_12": "1007 1032 1041 1055 1073 1082 1106 1149 1153 1172 1203 1239 1247",
    "2005-08-08_01": "1018 1047 1081 1085 1117 1146 1171 1205 1236",
    "2008-12-11_11": "1009 1011 1014 1028 1051 1055 1057 1064 1148 1154 1161 1172 1178 1210 1214 1215 1221 1238",
    "2009-02-23_10": "1097 1103 1127 1161 1174 1178 1186 1189 1205 1215 1221 1226 1231 1234 1240",
    "2009-03-03_10": "1011 1019 1021 1024 1028 1039 1054 1090 1091 1100 1104 1123 1126 1141 1174 1188 1194 1208 1234 1239",
    "2009-10-01_17": "1031 1045 1055 1080 1116 1119 1122 1131 1134 1149 1165 1174 1175 1177 1183 1196 1197 1205 1206 1247",
    "2011-05-29_19": "1018 1023 1032 1067 1083 1092 1107 1130 1134 1189 1199 1205 1208",
    "2011-11-13_02": "1007 1041 1049 1051 1052 1058 1083 1106 1133 1158 1171 1216 1224 1227 1241",
    "2016-12-19_20": "1028 1044 1048 1052 1055 1079 1124 1176 1181 1197 1214 1215 1233",
}
IRC_NO_ASKS = {
    "2004-11-15_03": "1133 1210 1225",
    "2005-06-27_12": "1007 1041",
    "2005-08-08_01": "1081",
    "2009-02-23_10": "1103 1215 1240",
    "2009-03-03_10": "1019",
    "2009-10-01_17": "1055 1177",
    "2011-05-29_19": "1023 1067 1083 1130 1208",
    "2011-11-13_02": "1133",
    "2016-12-19_20": "1048",
}
# Every message of the chat samples that the rule calls an ask, and whether it is one.
SLACK_ASKS = {"1452845865.000008": True, "1458208082.000002": True, "1458228721.000002": True}
FIXTURE_ASKS = {"1427135740.000069": False, "zgzsgcnuobyf9bwdcbug8iqu6e": False, "swqyc3ekabrjbxc5bjf6hhba3w": True}
# Of all lines of the annotated part that the rule calls thanks, those that are none.
IRC_NO_THANKS = {"2009-03-03_10": "1204"}
# Of the 365 replies to an ask of somebody else, as the annotators linked them, that the rule calls answers: 60 drawn at random.
IRC_ANSWERS = {
    "2004-11-15_03": "1005>1006 1051>1056 1067>1072 1115>1118 1141>1144 1163>1164 1242>1249",
    "2005-06-27_12": "1039>1042 1055>1064 1091>1096 1108>1110",
    "2005-08-08_01": "1117>1118 1184>1195",
    "2008-12-11_11": "1030>1033 1030>1035 1040>1049 1050>1062 1064>1068 1187>1189 1192>1203 1223>1232",
    "2009-02-23_10": "1053>1056 1097>1100 1180>1182 1187>1192 1205>1206",
    "2009-03-03_10": "1024>1027 1242>1246",
    "2009-10-01_17": "1026>1065 1041>1044 1045>1047 1205>1208 1206>1226",
    "2011-05-29_19": "999>1001 1006>1008 1010>1015 1018>1034 1107>1122 1118>1119 1141>1144 1149>1150 1186>1188 1209>1220 1234>1235",
    "2011-11-13_02": "1041>1046 1105>1108 1165>1168 1181>1182 1192>1196 1218>1221 1231>1233",
    "2016-12-19_20": "1015>1016 1015>1022 1042>1043 1048>1051 1083>1088 1111>1123 1119>1120 1137>1139 1187>1192",
}
IRC_NO_ANSWERS = {
    "2004-11-15_03": "1118",
    "2005-06-27_12": "1110",
    "2005-08-08_01": "1195",
    "2008-12-11_11": "1189",
    "2009-02-23_10": "1206",
    "2009-10-01_17": "1047 1065",
    "2011-05-29_19": "1122",
    "2011-11-13_02": "1108",
    "2016-12-19_20": "1088 1123",
}
ANNOTATED_FROM = 1000


def numbered(labels: dict[str, str]) -> set[tuple[str, int]]:
    return {(part, int(line)) for part, lines in labels.items() for line in lines.split()}


@pytest.fixture(scope="module")
def lines(reference: Path) -> dict[tuple[str, int], str]:
    """What was said in the annotated part of the logs, by file and line."""
    found = {}
    for file in sorted((reference / "irc-ubuntu-dev").glob("*.raw.txt")):
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines()):
            said = re.match(r"\[\d\d:\d\d\] <([^>]+)> (.*)", line)
            if said and number >= ANNOTATED_FROM - 1:
                found[file.name.partition(".")[0], number] = said[2]
    return found


def chat_samples(reference: Path) -> Iterator[tuple[str, str]]:
    """Id and text of each message of a person in the Slack archive and the fixtures of Slack and Mattermost."""
    with zipfile.ZipFile(reference / "slack-export-archive" / "testarchive.zip") as archive:
        for name in archive.namelist():
            if name.count("/") == 1 and name.endswith(".json"):
                yield from ((one["ts"], one["text"]) for one in json.loads(archive.read(name)) if "subtype" not in one)
    for file in sorted((reference / "perceval-chat-fixtures").glob("slack/slack_history*.json")):
        page = json.loads(file.read_text())
        yield from ((one["ts"], one["text"]) for one in page["messages"] if "subtype" not in one)
    for file in sorted((reference / "perceval-chat-fixtures").glob("mattermost/mattermost_posts*.json")):
        yield from ((key, one["message"]) for key, one in json.loads(file.read_text())["posts"].items())


def test_the_precision_of_ask_is_what_the_labels_say(reference: Path, lines: dict[tuple[str, int], str]) -> None:
    wrong = numbered(IRC_NO_ASKS)
    labels = {place: place not in wrong for place in numbered(IRC_ASKS)}
    flagged = [is_ask for place, is_ask in labels.items() if read_intent(lines[place]) == "ask"]
    in_chats = {key for key, text in chat_samples(reference) if read_intent(text) == "ask"}
    assert in_chats == SLACK_ASKS.keys() | FIXTURE_ASKS.keys()
    flagged += [*SLACK_ASKS.values(), *FIXTURE_ASKS.values()]
    assert PRECISION["ask"] == (sum(flagged), len(flagged))
    assert len(flagged) == 150 + 3 + 3


def test_the_precision_of_thank_is_what_the_labels_say(lines: dict[tuple[str, int], str]) -> None:
    flagged = {
        (part, at) for (part, at), text in lines.items() if at >= ANNOTATED_FROM and read_intent(text) == "thank"
    }
    wrong = numbered(IRC_NO_THANKS)
    assert wrong <= flagged
    assert PRECISION["thank"] == (len(flagged - wrong), len(flagged))


def test_the_precision_of_answer_is_what_the_labels_say(lines: dict[tuple[str, int], str]) -> None:
    """A reply to a question answers it most of the time; the rest asks back, does not know, or is a remark."""
    flagged = {
        (part, int(link.partition(">")[2]))
        for part, links in IRC_ANSWERS.items()
        for link in links.split()
        if read_intent(lines[part, int(link.partition(">")[0])]) == "ask"
        and read_intent(lines[part, int(link.partition(">")[2])], is_reply=True, to_ask=True) == "answer"
    }
    assert PRECISION["answer"] == (len(flagged - numbered(IRC_NO_ANSWERS)), len(flagged))


@pytest.mark.parametrize(
    "text",
    [
        "Does anybody know?", "Does anybody know??", "Really?!", "Anybody? :)", "Anybody? :slightly_smiling_face:", "Anybody? 🙂",
        "Which one, <@U1>?", "Which one? <@U1> <https://example.org/a?b>", "(Is it open?)", '"Is it open?"', "¿Vienes mañana?",
        "いつですか？", "متى؟", "Where is it?\nThanks!", "Where is it? Thank you for your help", "> quoted\nAnd you?", "Why? @bo",
    ],
)  # fmt: skip
def test_questions(text: str) -> None:
    assert read_intent(text) == "ask"


@pytest.mark.parametrize(
    "text",
    [
        "", "?", "??", "Hello", "Is it? Yes.", "https://example.org/find?", "see https://example.org?", "&gt; is it?\nyes",
        "```\nwhy?\n```", "No thanks", "no, thank you", "Thanks in advance", "thanks god it is Friday", "thank you for any help",
        "empty", "partying",
    ],
)  # fmt: skip
def test_neither_questions_nor_thanks(text: str) -> None:
    assert read_intent(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Thanks!",
        "ok thx",
        "@bo ty",
        "Vielen Dank",
        "muchas gracias",
        "Merci beaucoup",
        "Works now, thank you",
        "dziękuję",
    ],
)
def test_thanks(text: str) -> None:
    assert read_intent(text) == "thank"


def test_thanks_deep_inside_a_long_text_are_politeness() -> None:
    assert read_intent("word " * 60 + "with thanks to the team " + "word " * 60) is None


def test_people_are_presented_where_somebody_is_mentioned() -> None:
    assert read_intent("Please welcome @bo", mentions_people=True) == "introduce"
    assert read_intent("Please welcome the new coffee machine") is None
    assert read_intent("Welcome @bo, where are you from?", mentions_people=True) == "ask", "the first rule that fits"


def test_everybody_is_called_at_the_start_of_a_thread() -> None:
    assert read_intent("@channel the hall is open", calls_everybody=True) == "announce"
    assert read_intent("@channel me too", calls_everybody=True, is_reply=True) is None
    assert read_intent("@channel who comes?", calls_everybody=True) == "ask"


def test_a_reply_to_a_question_answers_unless_it_asks_or_thanks() -> None:
    assert read_intent("In the hall", is_reply=True, to_ask=True) == "answer"
    assert read_intent("Which hall?", is_reply=True, to_ask=True) == "ask"
    assert read_intent("Thanks!", is_reply=True, to_ask=True) == "thank"
    assert read_intent("In the hall", is_reply=True) is None


@given(st.text(max_size=300))
def test_any_text_has_one_intent_or_none(text: str) -> None:
    assert read_intent(text) in (None, "ask", "thank")
    assert own_words(text).count("\n") <= max(text.count("\n"), len(text.splitlines()))


@pytest.mark.parametrize(
    "unit", ["a ", "? ", "<@U1> ", "thanks ", ":) ", "(", "welcome ", "?\n thanks a", "\t", "::", "@"]
)
def test_a_long_text_takes_no_time(unit: str) -> None:
    """Only the ends are looked at, and no pattern goes back over what it read."""
    read_intent(unit * 200_000, mentions_people=True)


def test_the_page_about_the_rule_tells_the_measured_figures() -> None:
    page = (Path(__file__).parent.parent / "docs" / "how-to" / "exports" / "intent.md").read_text(encoding="utf-8")
    said = {
        row[1]: (int(row[2]), int(row[3])) for row in re.finditer(r"^\| (\w+) \|.*\| (\d+) of (\d+) \|$", page, re.M)
    }
    assert said == PRECISION
