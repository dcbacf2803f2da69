#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# faults.sh SHEBAO: what happens to a running server: bodies that are malformed, a disk that is full, a database that goes away,
# and the server itself killed in the middle of a payment run, and while people work on cases. Each is a clear error with its code, the server goes on, nothing
# is lost, done twice or half done.
set -uo pipefail
shebao=${1:?usage: faults.sh SHEBAO}
here=$(dirname "$(readlink -f "$0")")
cd "$here/../.." || exit 2
. test/support/pg.sh
export LC_ALL=C.UTF-8
dir=$(mktemp -d /tmp/shebao-faults-XXXXXX)
chmod 755 "$dir"
server=
cleanup() {
        [ -z "$server" ] || kill -9 "$server" 2>/dev/null
        [ ! -d "$dir/pg/data" ] || pg_stop "$dir/pg" 2>/dev/null
        mountpoint -q "$dir/small" 2>/dev/null && umount "$dir/small"
        rm -rf "$dir"
}
trap cleanup EXIT
failed=0
fault() { printf 'FAILED: %s\n' "$*"; failed=1; }
pick() { python3 -c 'import json,sys; x=json.load(sys.stdin); print('"$1"')'; }

serve() { # URL: a server on a free port
        local try
        for try in 1 2 3 4 5; do
                port=$((20000 + RANDOM % 12000))
                "$shebao" serve --db "$1" --pack packs/demo --port $port --workers 2 >"$dir/out" 2>"$dir/log" &
                server=$!
                for _ in $(seq 200); do
                        kill -0 $server 2>/dev/null || break
                        curl -fs "http://127.0.0.1:$port/healthz" >/dev/null && return 0
                        sleep 0.1
                done
                grep -q SB-0807 "$dir/log" || break
        done
        fault "the server did not start: $(cat "$dir/log")"
        exit 1
}
stop() { # it ends by itself, within seconds, when it is asked to
        kill -TERM "$server"
        for _ in $(seq 150); do
                kill -0 "$server" 2>/dev/null || break
                sleep 0.1
        done
        kill -0 "$server" 2>/dev/null && fault "SIGTERM does not stop the server"
        wait "$server" || fault "the server ended with $?: $(tail -3 "$dir/log")"
        server=
}
sign_in() { # LOGIN
        rm -f "$dir/cookies"
        csrf=$(curl -s -c "$dir/cookies" -H 'Content-Type: application/json' -d "{\"login\":\"$1\",\"password\":\"demonstration\"}" \
                "http://127.0.0.1:$port/api/session" | pick 'x["csrf"]') || fault "$1 cannot sign in"
}
http() { # OPTION… PATH: the answer's body, then a line with its status
        curl -s -m 60 -b "$dir/cookies" -H "X-CSRF-Token: $csrf" -w '\n%{http_code}\n' "${@:1:$#-1}" "http://127.0.0.1:$port${*: -1}"
}
search() { http -H 'Content-Type: application/json' -d "{\"q\":\"$1\"}" /api/search; }
key() { printf 'Idempotency-Key: test-%s-%s' "$1" $RANDOM$RANDOM; }
expect() { # STATUS CODE WHAT ANSWER: a digit of the status may be a dot
        grep -qE "^$1\$" <<<"$(tail -1 <<<"$4")" && grep -q "$2" <<<"$4" || fault "$3: expected $1 $2, found: $(head -c 300 <<<"$4" | tr '\n' ' ')"
}
alive() { curl -fs "http://127.0.0.1:$port/healthz" >/dev/null || fault "the server is gone after $1: $(tail -3 "$dir/log")"; }

city=$dir/city.db
"$shebao" demo --persons 1200 --seed 3 --db "sqlite:$city" >"$dir/said" 2>&1 || { cat "$dir/said"; exit 1; }

malformed() {
        local json=(-H 'Content-Type: application/json') a
        serve "sqlite:$city"
        expect 401 SB-0802 "no session" "$(curl -s -w '\n%{http_code}\n' "http://127.0.0.1:$port/api/tasks")"
        sign_in clerk
        post() { # WHAT STATUS CODE BODY [TYPE [PATH]]
                a=$(printf '%b' "$4" | http -H "Content-Type: ${5:-application/json}" -H "$(key bad)" --data-binary @- "${6:-/api/persons}")
                expect "$2" "$3" "$1" "$a"
                alive "$1"
        }
        post "an open object" 400 SB-0010 '{"name":"x"'
        post "a key twice" 400 SB-0010 '{"name":"x","name":"y"}'
        post "not UTF-8" 400 SB-00 '{"name":"\xff\xfe"}'
        post "a NUL" 400 SB-00 '{"name":"a\\u0000b"}'
        post "deep nesting" 413 SB-0002 "$(printf '[%.0s' $(seq 3000))"
        post "a number beyond all" 400 SB-00 '{"name":1e999}'
        post "a list" 400 SB-0015 '[]'
        post "nothing" 400 SB- ''
        post "a field too many" 400 SB-0016 '{"name":"x","id_number":"1","rank":3}'
        post "the thirtieth of February" 400 SB-0019 '{"name":"张三","id_number":"990101199002300018"}'
        post "a type that is none" 415 SB-0805 'x' text/plain
        post "an amount out of range" 40. SB- '{"employer":1,"amount":"99999999999999999999","bank_ref":"x"}' application/json /api/receipts
        post "a month that is none" 400 SB-0015 '{"employer":1,"month":"2026-13","lines":[]}' application/json /api/declarations/preview
        post "an open quotation mark" 4.. SB- 'id_number,wage\r\n"9901,5000\r\n' text/csv "/api/declarations/preview?employer=1&month=$(date +%Y-%m)"
        expect 403 SB-0803 "no token" "$(csrf=none http "${json[@]}" -H "$(key csrf)" -d '{}' /api/persons)"
        expect 400 SB-0804 "no key" "$(http "${json[@]}" -d '{}' /api/persons)"
        expect 404 SB-0800 "a page that is none" "$(http /api/nothing)"
        expect 405 SB-0801 "a method that is none" "$(http -X DELETE /api/persons)"
        sign_in finance
        post "a bomb" 400 SB-0012 '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><d>&b;</d>' application/xml /api/bank-statements
        post "XML that ends early" 400 SB-0012 '<Document><BkToCstmrStmt>' application/xml /api/bank-statements
        a=$(head -c 70000000 /dev/zero | http -H 'Content-Type: application/xml' -H "$(key big)" --data-binary @- /api/bank-statements)
        expect 413 SB-0002 "a body over the limit" "$a"
        alive "a body over the limit"
        "$shebao" serve --db "sqlite:$city" --port $port 2>&1 | grep SB-0807 >"$dir/said"
        [ -s "$dir/said" ] || fault "a port that is taken is not told"
        stop
}
full_disk() {
        local person key a before room=$(($(stat -c %s "$city") + 16000000)) # the city, and what its server writes beside it
        mkdir "$dir/small"
        if ! mount -t tmpfs -o size=$room none "$dir/small" 2>/dev/null; then
                echo "skipped: no small disk can be mounted here"
                return
        fi
        cp "$city" "$dir/small/city.db"
        serve "sqlite:$dir/small/city.db"
        sign_in clerk
        key="Idempotency-Key: test-full-disk-1"
        person='{"name":"钱满","id_number":"990101198501010031","category":"male"}'
        person=${person/990101198501010031/$(python3 -c 's="99010119850101731"; w=[7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2]; print(s+"10X98765432"[sum(int(a)*b for a,b in zip(s,w))%11])')}
        before=$(search 王 | head -1)
        head -c "$room" /dev/zero >"$dir/small/filler" 2>/dev/null
        for _ in $(seq 30); do # what SQLite has in reserve is used up first
                a=$(http -H 'Content-Type: application/json' -H "$key" -d "$person" /api/persons)
                [ "$(tail -1 <<<"$a")" = 200 ] || break
                key="Idempotency-Key: test-full-disk-$RANDOM$RANDOM"
                person=$(python3 - "$person" <<'PY'
import json, sys
x = json.loads(sys.argv[1]); s = x["id_number"][:14] + "%03d" % ((int(x["id_number"][14:17]) + 2) % 1000)
w = [7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2]
x["id_number"] = s + "10X98765432"[sum(int(a)*b for a, b in zip(s, w)) % 11]
print(json.dumps(x, ensure_ascii=False))
PY
                )
        done
        expect 507 SB-0105 "a full disk" "$a"
        alive "a full disk"
        [ "$(search 王 | head -1)" = "$before" ] || fault "a full disk cannot be read"
        rm "$dir/small/filler"
        expect 200 '"id"' "the same request when there is room" "$(http -H 'Content-Type: application/json' -H "$key" -d "$person" /api/persons)"
        stop
        "$shebao" audit --db "sqlite:$dir/small/city.db" >"$dir/said" || fault "audit after a full disk: $(head -3 "$dir/said")"
        umount "$dir/small"
}

lost_database() {
        local url a
        if ! pg_make "$dir/pg"; then
                echo "skipped: no PostgreSQL on this machine"
                return
        fi
        url=$(pg_url "$dir/pg" city)
        "$shebao" demo --persons 100 --seed 3 --db "$url" >"$dir/said" 2>&1 || { cat "$dir/said"; fault "demo"; return; }
        serve "$url"
        sign_in clerk
        expect 200 items "before" "$(search 王)"
        pg_stop "$dir/pg"
        expect 503 SB-01 "a read without database" "$(search 王)"
        expect 503 SB-01 "a change without database" \
                "$(http -H 'Content-Type: application/json' -H 'Idempotency-Key: test-lost-0001' -d '{"name":"孙还","id_number":"990101198501010031"}' /api/persons)"
        expect 503 SB-01 "health without database" "$(http /healthz)"
        pg_start "$dir/pg"
        for _ in $(seq 50); do
                curl -fs "http://127.0.0.1:$port/healthz" >/dev/null && break
                sleep 0.2
        done
        expect 200 items "after" "$(search 王)"
        stop
        "$shebao" audit --db "$url" >"$dir/said" || fault "audit after a lost database: $(head -3 "$dir/said")"
}

# What a run came to, whatever its numbers are: state, counts, sums, the hash of its list, each payment, the books.
outcome() { # DB RUN
        "$shebao" call payment.get --db "sqlite:$1" --as finance --in "{\"run\":$2}" |
                pick '[x["state"], x["due_count"], x["due"], x["account"], x["fund"], x["stopped_count"], x["list_hash"], x["reasons"]]'
        "$shebao" call ledger.balances --db "sqlite:$1" --as finance | pick 'sorted(json.dumps(a, sort_keys=True) for a in x["items"])'
        rm -f "$dir/out.jsonl"
        "$shebao" export --db "sqlite:$1" --out "$dir/out.jsonl" >/dev/null
        python3 - "$dir/out.jsonl" <<'PY'
import json, sys
table = ""
for line in open(sys.argv[1], encoding="utf8"):
    row = json.loads(line)
    if isinstance(row, dict):
        table = row["table"]
    elif table == "payment":
        print(row[1], row[3:])
    elif table == "personal_account":
        print(row)
PY
}
newest() { "$shebao" runs list --db "sqlite:$1" | awk -F'\t' -v kind="$2" '$2 == kind { print $1, $3; exit }'; }

# Work on a run of this kind with a server that is killed, again and again, until the run is done.
killed_until_done() { # DB KIND
        local id state rounds=0
        read -r id state < <(newest "$1" "$2")
        while [ "$state" != done ] && [ $((rounds += 1)) -lt 40 ]; do
                "$shebao" serve --db "sqlite:$1" --port 0 >"$dir/out" 2>"$dir/log" &
                server=$!
                sleep "0.$(printf '%03d' $((RANDOM % 400 + (rounds > 12 ? 400 : 0))))"
                [ $rounds -le 25 ] || sleep 2
                kill -9 $server 2>/dev/null
                wait $server 2>/dev/null
                server=
                kills=$((kills + 1))
                read -r id state < <(newest "$1" "$2")
                [ "$state" != running ] || "$shebao" runs takeover "$id" --db "sqlite:$1" >/dev/null || fault "takeover"
        done
        [ "$state" = done ] || fault "the run $2 did not come to its end: $state"
}

# Both reviewers of the run's case agree. What the killed server had begun to do for the case is free again when its lease ends.
reviewed() { # DB RUN
        local case who task
        case=$("$shebao" call payment.get --db "sqlite:$1" --as finance --in "{\"run\":$2}" | pick 'x["case"]')
        for who in reviewer2 reviewer3; do
                for _ in $(seq 100); do
                        "$shebao" work --db "sqlite:$1" >/dev/null
                        task=$("$shebao" call cases.get --db "sqlite:$1" --as auditor --in "{\"case\":$case}" | pick '(x["tasks"] or [{"id": 0}])[0]["id"]')
                        [ "$task" = 0 ] || break
                        sleep 1
                done
                "$shebao" call tasks.complete --db "sqlite:$1" --as $who --in "{\"task\":$task,\"outcome\":{\"decision\":\"approve\"}}" >/dev/null ||
                        fault "review of the run by $who in $1"
        done
}

killed() {
        local month pool run other
        month=$(TZ=Asia/Shanghai date +%Y-%m)
        kills=0
        cp "$city" "$dir/calm.db"
        cp "$city" "$dir/killed.db"
        for db in calm killed; do
                pool=$("$shebao" call payment.list --db "sqlite:$dir/$db.db" --as finance | pick 'x["items"][0]["pool"]')
                run=$("$shebao" call payment.run_create --db "sqlite:$dir/$db.db" --as finance --in "{\"pool\":$pool,\"month\":\"$month\"}" | pick 'x["id"]')
                [ $db = calm ] && "$shebao" work --db "sqlite:$dir/$db.db" >/dev/null
                [ $db = killed ] && killed_until_done "$dir/$db.db" payment
                reviewed "$dir/$db.db" "$run"
                "$shebao" call payment.release --db "sqlite:$dir/$db.db" --as approver \
                        --in "{\"run\":$run,\"pay_day\":\"$(TZ=Asia/Shanghai date +%Y-%m-%d)\"}" >/dev/null || fault "release in $db"
                [ $db = calm ] && "$shebao" work --db "sqlite:$dir/$db.db" >/dev/null
                [ $db = killed ] && killed_until_done "$dir/$db.db" payment.release
                "$shebao" call payment.file --db "sqlite:$dir/$db.db" --as finance --in "{\"run\":$run}" >/dev/null || fault "file in $db"
                [ $db = calm ] && "$shebao" work --db "sqlite:$dir/$db.db" >/dev/null
                [ $db = killed ] && killed_until_done "$dir/$db.db" payment.file
                outcome "$dir/$db.db" "$run" >"$dir/$db.outcome"
                "$shebao" audit --db "sqlite:$dir/$db.db" >"$dir/said" || fault "audit of $db: $(head -3 "$dir/said")"
        done
        [ -s "$dir/calm.outcome" ] || fault "no outcome"
        cmp -s "$dir/calm.outcome" "$dir/killed.outcome" || fault "killed $kills times, the run came to something else: $(diff "$dir/calm.outcome" "$dir/killed.outcome" | head -5 | cut -c1-300)"
        echo "killed $kills times"
}

# People at work on cases while the server is killed: at_work.py looks at every case, the auditor at the whole.
at_work() {
        local url urls=("sqlite:$dir/work.db")
        [ ! -d "$dir/pg/data" ] || urls+=("$(pg_url "$dir/pg" work)")
        for url in "${urls[@]}"; do
                "$shebao" demo --persons 100 --seed 5 --db "$url" >"$dir/said" 2>&1 || { cat "$dir/said"; fault "demo"; return; }
                python3 test/cmd/at_work.py "$shebao" "$url" || fault "people at work on ${url%%:*}"
                "$shebao" audit --db "$url" >"$dir/said" || fault "audit after people at work: $(head -3 "$dir/said")"
        done
}

malformed
full_disk
lost_database
killed
at_work
[ $failed -eq 0 ] && echo "faults.sh: passed"
exit $failed
