#!/usr/bin/env bash
# Real clients read their mail through the gateway: Python's imaplib, curl, a two-way synchronisation by mbsync, and clients that
# behave badly.
. "$(dirname "$0")/lib.sh"
need python3 curl mbsync
capture=once
serve imap.lua --listen hamburger.edu:143=127.0.0.1:2143 --commands "$work/commands"
until_seen "$work/netstage.log" '127.0.0.1:2143 listens' 10

python3 "$source/tests/peers/imap_clients.py" > "$work/imaplib.log" 2>&1 || fail "Python's imaplib"

# ---- curl ----
url=imap://127.0.0.1:2143
curl() { command curl -sS --max-time 60 -u carol:lettuce "$@" > "$work/curl.out" 2> "$work/curl.log"; }
says() { grep -qE "$1" "$work/curl.out" || { cp "$work/curl.out" "$work/curl.out.log"; fail "curl did not see: $1"; }; }
printf 'From: a@there.example\r\nTo: carol@hamburger.edu\r\nSubject: by curl\r\n\r\nthe text\r\n' > "$work/letter"
curl "$url/" || fail "curl, list"
says '^\* LIST \(\\HasNoChildren\) "/" INBOX'
curl -T "$work/letter" "$url/INBOX" || fail "curl, append"
curl -T "$work/letter" "$url/Work/2026" || fail "curl, append to a mailbox below another"
curl "$url/INBOX;MAILINDEX=1" || fail "curl, fetch by number"
cmp "$work/letter" "$work/curl.out" || fail "curl gets what it appended"
curl "$url/INBOX;UID=1;SECTION=TEXT" || fail "curl, fetch by UID"
[ "$(cat "$work/curl.out")" = $'the text\r' ] || fail "curl, the section TEXT"
curl "$url/INBOX;UIDVALIDITY=1;UID=1" && fail "curl is content with another UIDVALIDITY"
curl "$url/INBOX;UID=7" && fail "curl, fetch of what is not there"
curl "$url/INBOX?SUBJECT%20curl" || fail "curl, search"
says '^\* SEARCH 1'
curl "$url/" -X 'EXAMINE INBOX' || fail "curl, EXAMINE"
says '^\* 1 EXISTS'
curl "$url/" -X 'STATUS Work/2026 (MESSAGES UNSEEN)' || fail "curl, STATUS"
says '^\* STATUS Work/2026 \(MESSAGES 1 UNSEEN 0\)'
curl "$url/INBOX" -X 'STORE 1 +FLAGS (\Deleted)' || fail "curl, STORE"
says '^\* 1 FETCH \(FLAGS \(.*\\Deleted'
curl "$url/INBOX" -X 'EXPUNGE' || fail "curl, EXPUNGE"
curl "$url/INBOX" -X 'SEARCH ALL' || fail "curl, SEARCH"
says $'^\\* SEARCH\r?$'
curl "$url/" -X 'CREATE temporary' && curl "$url/" -X 'DELETE temporary' || fail "curl, CREATE and DELETE"
curl "$url/" -X 'DELETE temporary' && fail "curl, DELETE twice"
curl "$url/" -X 'LSUB "" *' || fail "curl, LSUB"
says '^\* LSUB \(\) "/" Sent'
curl --login-options AUTH=PLAIN "$url/" -X NOOP || fail "curl, AUTHENTICATE PLAIN"
curl --login-options AUTH=LOGIN "$url/" -X NOOP || fail "curl, AUTHENTICATE LOGIN"
command curl -sS -u carol:wrong "$url/" > "$work/curl.out" 2> "$work/curl.log" && fail "curl, a wrong password"

# ---- mbsync: both ways, new messages, flags and deletions, twice ----
mkdir -p "$work/mail" "$work/sync"
cat > "$work/mbsyncrc" << CONF
IMAPAccount us
Host 127.0.0.1
Port 2143
User carol
Pass lettuce
SSLType None
AuthMechs PLAIN

IMAPStore far
Account us

MaildirStore near
Path $work/mail/
Inbox $work/mail/INBOX
SubFolders Verbatim

Channel both
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
Sync All
SyncState $work/sync/
CONF
mbsync() { command mbsync -c "$work/mbsyncrc" -V both > "$work/mbsync.log" 2>&1 || fail "mbsync: $1"; }
# What both sides are: names of files carry flags and UIDs, UIDNEXT grows with each message that was ever there.
both_sides() {
  (cd "$work/mail" && find . -type f ! -name '.*' | sort)
  for folder in INBOX Work/2026 made-here Sent; do
    far "$folder"
    command curl -sS -u carol:lettuce "$url/" -X "STATUS $folder (MESSAGES UIDNEXT UNSEEN UIDVALIDITY)"
  done
}
nothing_to_do() {
  both_sides > "$work/before"
  mbsync "with nothing to do, $1"
  both_sides > "$work/after"
  diff "$work/before" "$work/after" > "$work/difference.log" || fail "mbsync finds something to do: $1"
}
far() { python3 "$source/tests/peers/imap_mailbox.py" "$1" | sort; }
near() {
  for file in "$work/mail/$1"/{new,cur}/*; do
    [ -e "$file" ] || continue
    flags=$(sed -nE 's/.*:2,(.*)/\1/p' <<< "$file")
    words=
    [[ $flags != *R* ]] || words+="\\Answered "
    [[ $flags != *F* ]] || words+="\\Flagged "
    [[ $flags != *S* ]] || words+="\\Seen "
    [[ $flags != *D* ]] || words+="\\Draft "
    printf '%s\t%s\n' "${words% }" "$(grep -m1 ^Subject "$file" | tr -d '\r')"
  done | sort
}
the_same() {
  for folder in "$@"; do
    diff <(far "$folder") <(near "$folder") > "$work/difference.log" || fail "both sides differ: $folder"
  done
}
for subject in far-1 far-2 far-3 far-4; do
  printf 'From: a@there.example\r\nSubject: %s\r\n\r\ntext of %s\r\n' $subject $subject > "$work/letter"
  curl -T "$work/letter" "$url/INBOX" || fail "curl, append"
done
mkdir -p "$work/mail/INBOX"/{new,cur,tmp} "$work/mail/made-here"/{new,cur,tmp}
for subject in near-1 near-2 near-3; do
  printf 'From: b@here.example\nSubject: %s\n\ntext of %s\n' $subject $subject > "$work/mail/INBOX/cur/1.$subject.here:2,S"
  printf 'From: b@here.example\nSubject: %s\n\ntext of %s\n' $subject $subject > "$work/mail/made-here/new/1.$subject.here"
done
mbsync "the first time"
the_same INBOX Work/2026 made-here Sent
[ "$(far INBOX | wc -l)" = 7 ] && [ "$(far made-here | wc -l)" = 3 ] || fail "after the first synchronisation"
nothing_to_do "right after the first time"
# Flags and deletions on both sides, and new messages again.
curl "$url/INBOX" -X 'STORE 1 +FLAGS (\Flagged \Answered)' || fail "a flag on the far side"
curl "$url/INBOX" -X 'STORE 2 +FLAGS (\Deleted)' && curl "$url/INBOX" -X EXPUNGE || fail "a deletion on the far side"
printf 'From: a@there.example\r\nSubject: far-5\r\n\r\ntext\r\n' > "$work/letter"
curl -T "$work/letter" "$url/INBOX" || fail "curl, append"
file=$(grep -rl 'Subject: far-3' "$work/mail/INBOX")
mv "$file" "$work/mail/INBOX/cur/$(basename "${file%:2,*}"):2,FS"
rm "$(grep -rl 'Subject: near-2' "$work/mail/INBOX")" "$(grep -rl 'Subject: far-4' "$work/mail/INBOX")"
printf 'From: b@here.example\nSubject: near-4\n\ntext\n' > "$work/mail/INBOX/new/2.near-4.here"
mbsync "the second time"
the_same INBOX Work/2026 made-here Sent
far INBOX > "$work/far"
for line in $'\\\\Answered \\\\Flagged \\\\Seen\tSubject: far-1' $'\\\\Flagged \\\\Seen\tSubject: far-3' $'\\\\Seen\tSubject: far-5' $'\tSubject: near-4' $'\\\\Seen\tSubject: near-1'; do
  grep -qE "^$line$" "$work/far" || { cp "$work/far" "$work/far.log"; fail "the far side lacks: $line"; }
done
[ "$(wc -l < "$work/far")" = 6 ] && ! grep -qE 'far-2|far-4|near-2' "$work/far" || fail "what was deleted is gone on both sides"
nothing_to_do "after the second time"

grep -E 'MB' "$work/imaplib.log"
stop
seen '"fact":"imap.appended"' '"user":"bob"'
seen '"fact":"imap.moved"' '"to":"Work/2026"'
seen '"fact":"mailbox.changed"' '"mailbox":"INBOX"'
clean_capture
# The same run again, from what came from outside: the same trace to the byte.
last=$(tail -1 "$work/run.jsonl" | sed -E 's/.*"t":([0-9.]+).*/\1/')
"$program" run "$source/tests/peers/imap.lua" --quiet --commands "$work/commands" --until "${last}s" --trace "$work/again.jsonl" || fail "the run could not be replayed"
cmp -n "$(stat -c %s "$work/run.jsonl")" "$work/run.jsonl" "$work/again.jsonl" || fail "the replayed run differs"

# Clients that behave badly, in a run of their own: what they say is not fit for a capture to be judged by.
"$program" serve "$source/tests/peers/imap.lua" --listen hamburger.edu:143=127.0.0.1:2143 2> "$work/bad-netstage.log" &
server=$!
until_seen "$work/bad-netstage.log" '127.0.0.1:2143 listens' 10
python3 "$source/tests/peers/imap_bad_clients.py" "$server" > "$work/bad.log" 2>&1 || fail "clients that behave badly"
grep -E 'grown|peak|crowd' "$work/bad.log"
stop
