#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# month.sh SHEBAO: a month by the command line, in an installation that is founded for it, on SQLite and on PostgreSQL: import,
# declare, confirm, assess, receive, award a pension, pay it with a release by a second person, the bank's file and its
# statement; the auditor finds nothing. Nobody does what their role does not allow, nothing happens twice by one key.
set -uo pipefail
shebao=${1:?usage: month.sh SHEBAO}
here=$(dirname "$(readlink -f "$0")")
cd "$here/../.." || exit 2
. test/support/pg.sh
export LC_ALL=C.UTF-8
dir=$(mktemp -d /tmp/shebao-month-XXXXXX)
chmod 755 "$dir"
cleanup() {
        [ ! -d "$dir/pg/data" ] || pg_stop "$dir/pg" 2>/dev/null
        rm -rf "$dir"
}
trap cleanup EXIT
# The demonstration's bank has files of its own form; here it is one that takes pain.001 and gives camt.053.
mkdir "$dir/packs" && cp -r packs/cn packs/demo "$dir/packs/" && sed -i 's/,demo.fixed,demo.return$/,,/' "$dir/packs/demo/pools.csv"
failed=0
fault() { printf 'FAILED: %s\n' "$*"; failed=1; }

# The months of the office's clock.
this=$(TZ=Asia/Shanghai date +%Y-%m)
last=$(TZ=Asia/Shanghai date -d "$this-01 -1 month" +%Y-%m)
before=$(TZ=Asia/Shanghai date -d "$this-01 -2 month" +%Y-%m)
today=$(TZ=Asia/Shanghai date +%Y-%m-%d)

# A value of the JSON on standard input, by a Python expression over x.
pick() { python3 -c 'import json,sys; x=json.load(sys.stdin); print('"$1"')'; }
sb() { "$shebao" "$@" --db "$url" --keys "$keys"; }
call() { # WHO VERB [IN [OPTION…]]: its answer, or a failure that is told
        local who=$1 verb=$2 in=${3:-"{}"} out
        shift; shift; [ $# -eq 0 ] || shift
        out=$(sb call "$verb" --as "$who" --in "$in" "$@" 2>&1) || { fault "$verb as $who: $out" >&2; return 1; }
        printf '%s\n' "$out"
}
says() { # CODE WHAT COMMAND…: it fails, with the code
        local code=$1 what=$2 out
        shift 2
        out=$("$@" 2>&1) && fault "$what was allowed"
        grep -q "$code" <<<"$out" || fault "$what: $out"
}
refused() { # CODE WHO VERB IN [OPTION…]
        local code=$1 who=$2 verb=$3 in=$4 out
        shift 4
        out=$(sb call "$verb" --as "$who" --in "$in" "$@" 2>&1) && fault "$verb as $who was allowed"
        grep -q "$code" <<<"$out" || fault "$verb as $who should be refused with $code: $out"
}
who_does() { # CASE NODE ROLE: a second review is another's; what is the pool's is done at the centre
        local centre=no
        case $(call auditor cases.get "{\"case\":$1}" | pick 'x["process"]') in P21) centre=yes ;; esac
        case $3:$2:$centre in
        reviewer:review2:yes) echo reviewer3 ;;
        reviewer:review2:no | reviewer:*:yes) echo reviewer2 ;;
        clerk:*:yes) echo clerk2 ;;
        *) echo "$3" ;;
        esac
}
tasks_do() { # CASE [NODE]: every open task by who has its role, until it waits at the node
        local case=$1 until=${2:-none} task node role
        for _ in 1 2 3 4 5 6 7 8; do
                sb work >/dev/null || fault "work"
                read -r task node role < <(call auditor cases.get "{\"case\":$case}" |
                        pick '" ".join("%d %s %s" % (t["id"], t["node"], t["role"]) for t in x["tasks"][:1])')
                [ -n "${task:-}" ] && [ "$node" != "$until" ] || return 0
                call "$(who_does "$case" "$node" "$role")" tasks.complete "{\"task\":$task,\"outcome\":{\"decision\":\"approve\"}}" >/dev/null || return 1
        done
}
archived() { # CASE: it is closed, and its file has a number and an index
        local file
        file=$(call auditor cases.get "{\"case\":$1}")
        [ "$(pick 'x["state"]' <<<"$file")" = "done" ] || fault "case $1 is not closed: $(pick '[x["process"], x["state"], x["tasks"], x.get("incident")]' <<<"$file")"
        [ -n "$(pick 'x.get("archive_number") or ""' <<<"$file")" ] || fault "case $1 is not filed"
}

id_of() { # FIRST17: with its check digit
        python3 -c 'import sys; s=sys.argv[1]; w=[7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2]; print(s+"10X98765432"[sum(int(a)*b for a,b in zip(s,w))%11])' "$1"
}
files_make() {
        local old born i
        born=$(($(date +%Y) - 64))
        old=$(id_of "990101${born}0315101")
        printf 'name,id_number,category,telephone,bank_name,bank_account\n' >"$dir/persons.csv"
        printf 'id_number,uscc,from,to\n' >"$dir/employments.csv"
        printf 'id_number,scheme,from,to,base,uscc,kind\n' >"$dir/contributions.csv"
        printf 'id_number,scheme,balance\n%s,EP,98765.43\n' "$old" >"$dir/balances.csv"
        printf 'id_number,wage\n' >"$dir/wages.csv"
        printf '陈𬭚,%s,male,,云山银行,9900000000000001\n' "$old" >>"$dir/persons.csv"
        printf '%s,%s,1990-01-01,\n' "$old" "$uscc" >>"$dir/employments.csv"
        printf '%s,EP,1990-01,1995-12,0,,deemed\n%s,EP,1996-01,2010-12,1800.00,%s,\n%s,EP,2011-01,%s,4800.00,%s,\n' \
                "$old" "$old" "$uscc" "$old" "$before" "$uscc" >>"$dir/contributions.csv"
        for i in 11 13 15 17 19 21; do
                printf '王䶮%s,%s,male,,,\n' "$i" "$(id_of "9901011985060$((i % 9 + 1))0$i")" >>"$dir/persons.csv"
                printf '%s,%s,2020-01-01,\n' "$(id_of "9901011985060$((i % 9 + 1))0$i")" "$uscc" >>"$dir/employments.csv"
                printf '%s,%d.50\n' "$(id_of "9901011985060$((i % 9 + 1))0$i")" $((5000 + 1000 * i)) >>"$dir/wages.csv"
        done
        printf '%s,7000\n' "$old" >>"$dir/wages.csv"
        printf '错号,990101198502300248,male,,,\n' >>"$dir/persons.csv"
        printf 'name,uscc,kind,industry,territory\n云城市试验机械有限公司,%s,enterprise,3,990101\n' "$uscc" >"$dir/employers.csv"
        pensioner=$old
}

found() {
        printf 'a long enough word\n' >"$dir/word"
        sb init --pack "$dir/packs/demo" --admin root --password-file "$dir/word" >/dev/null || fault "init"
        says SB-0730 "a second founding" sb init --pack "$dir/packs/demo" --admin root --password-file "$dir/word"
        printf 'short\n' >"$dir/short"
        says SB-0904 "a short password" sb staff add nobody --roles clerk --password-file "$dir/short"
        says SB-0750 "a role that is none" sb staff add nobody --roles emperor --password-file "$dir/word"
        for role in clerk reviewer; do
                sb staff add $role --roles $role --office YS-01 --password-file "$dir/word" >/dev/null || fault "staff $role"
        done
        for role in approver finance auditor; do # the pool of pensions is the province's
                sb staff add $role --roles $role --office YS --password-file "$dir/word" >/dev/null || fault "staff $role"
        done
        for second in clerk2 reviewer2 reviewer3; do
                sb staff add $second --roles "${second%?}" --office YS --password-file "$dir/word" >/dev/null || fault "staff $second"
        done
        sb staff add boss --roles finance,approver --office YS --password-file "$dir/word" >/dev/null || fault "staff boss"
}

import_all() {
        local kind out
        for kind in employers persons employments contributions balances; do
                out=$(sb import $kind "$dir/$kind.csv" --as clerk --dry-run --rejects "$dir/dry.csv" 2>&1)
                case $? in
                0) [ $kind != persons ] || fault "the dry run found no fault" ;;
                1) [ $kind = persons ] || fault "dry run of $kind: $out" ;;
                *) fault "dry run of $kind" ;;
                esac
                out=$(sb import $kind "$dir/$kind.csv" --as clerk --rejects "$dir/rejects.csv" 2>&1)
                [ $? -le 1 ] || fault "import of $kind: $out"
        done
        grep -q '990101198502300248.*SB-0019' "$dir/rejects.csv" || fault "the rejected row did not come back: $(cat "$dir/rejects.csv")"
        says SB-0442 "an import by finance" sb import persons "$dir/persons.csv" --as finance
        [ "$(sb runs list | grep -c 'import.done')" = 10 ] || fault "ten imports are done: $(sb runs list)"
}

contributions() {
        local answer declaration case due
        employer=$(call clerk desk.search "{\"q\":\"$uscc\"}" | pick 'x["items"][0]["id"]')
        refused SB-0442 finance contribution.declare "{\"employer\":$employer,\"month\":\"$last\"}" --body "$dir/wages.csv" --type text/csv
        answer=$(call clerk contribution.declare "{\"employer\":$employer,\"month\":\"$last\"}" --body "$dir/wages.csv" --type text/csv --key month-declare-1)
        [ "$answer" = "$(call clerk contribution.declare "{\"employer\":$employer,\"month\":\"$last\"}" --body "$dir/wages.csv" --type text/csv --key month-declare-1)" ] ||
                fault "the same key gives another answer"
        refused SB-0624 clerk contribution.declare "{\"employer\":$employer,\"month\":\"$last\"}" --body "$dir/wages.csv" --type text/csv
        declaration=$(pick 'x["id"]' <<<"$answer") case=$(pick 'x["case"]' <<<"$answer")
        tasks_do "$case"
        archived "$case"
        case=$(call auditor contribution.get "{\"declaration\":$declaration}" | pick 'x["assessment_case"]')
        tasks_do "$case"
        archived "$case"
        due=$(call auditor contribution.get "{\"declaration\":$declaration}" | pick '"%.2f" % (sum(round(float(a["due"])*100) for a in x["assessments"])/100)')
        [ "$due" != 0.00 ] || fault "nothing was assessed"
        case=$(call finance contribution.receive "{\"employer\":$employer,\"amount\":\"$due\",\"bank_ref\":\"R-1\"}" | pick 'x["case"]')
        tasks_do "$case"
        archived "$case"
        refused SB-0629 finance contribution.receive "{\"employer\":$employer,\"amount\":\"$due\",\"bank_ref\":\"R-1\"}"
        call auditor contribution.get "{\"declaration\":$declaration}" | pick '[a["due"]==a["received"] for a in x["assessments"]]' | grep -q False &&
                fault "what was received does not pay what is due"
}

pension() {
        local person case
        person=$(call clerk desk.search "{\"q\":\"$pensioner\"}" | pick 'x["items"][0]["id"]')
        refused SB-0435 clerk pension.preview "{\"person\":$person,\"month\":\"$last\"}"
        call clerk people.open "{\"person\":$person,\"purpose\":\"counter\"}" >/dev/null
        call clerk pension.preview "{\"person\":$person,\"month\":\"$last\"}" | pick 'x["eligible"]' | grep -q True || fault "no pension is due"
        case=$(call clerk pension.apply "{\"person\":$person,\"month\":\"$last\"}" | pick 'x["case"]')
        tasks_do "$case"
        archived "$case"
        call auditor people.open "{\"person\":$person,\"purpose\":\"audit\"}" >/dev/null
        award=$(call auditor registry.person_get "{\"person\":$person}" | pick 'x["awards"][0]["id"]')
        total=$(call auditor pension.award_get "{\"award\":$award}" | pick 'x["total"]')
        letter=$(call auditor cases.get "{\"case\":$case}" | pick '[d["id"] for d in x["documents"]][0]')
        sb call documents.get --as auditor --in "{\"document\":$letter}" --out "$dir/letter.pdf" >/dev/null || fault "the letter"
        head -c 5 "$dir/letter.pdf" | grep -q '%PDF-' || fault "the letter is no PDF"
}

statement_make() { # MONEY REFERENCE OPENING
        local closing
        closing=$(python3 -c 'import sys; from decimal import Decimal as D; print(D(sys.argv[1])-D(sys.argv[2]))' "$3" "$1")
        cat >"$dir/camt.xml" <<XML
<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>${today}T20:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S1</Id><Acct><Id><Othr><Id>9900010000000001</Id></Othr></Id><Ccy>CNY</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">$3</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>$today</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">$closing</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>$today</Dt></Dt></Bal>
<Ntry><Amt Ccy="CNY">$1</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>$today</Dt></BookgDt><AcctSvcrRef>B1</AcctSvcrRef>
<NtryDtls><Btch><MsgId>$2</MsgId></Btch></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>
XML
}

payment() {
        local pool run hash schema reference bank case
        pool=$(call finance ledger.balances | pick '[a["pool"] for a in x["items"] if "EP" in json.dumps(a) or "pension" in json.dumps(a)][0]')
        run=$(call boss payment.run_create "{\"pool\":$pool,\"month\":\"$this\"}" | pick 'x["id"]')
        sb runs work "$run" >/dev/null || fault "the run was not computed"
        call finance payment.get "{\"run\":$run}" | pick '[x["due_count"], x["state"]]' | grep -qF "[1, 'computed']" || fault "one pension is due"
        refused SB-0697 approver payment.release "{\"run\":$run,\"pay_day\":\"$today\"}"
        case=$(call finance payment.get "{\"run\":$run}" | pick 'x["case"]')
        tasks_do "$case" approve
        refused SB-0686 boss payment.release "{\"run\":$run,\"pay_day\":\"$today\"}"
        refused SB-0442 finance payment.release "{\"run\":$run,\"pay_day\":\"$today\"}"
        refused SB-0684 finance payment.file "{\"run\":$run}"
        call approver payment.release "{\"run\":$run,\"pay_day\":\"$today\"}" >/dev/null
        sb work >/dev/null || fault "release"
        call finance payment.file "{\"run\":$run}" >/dev/null
        sb work >/dev/null || fault "file"
        hash=$(call finance payment.get "{\"run\":$run}" | pick 'x["files"][0]["hash"]')
        sb call payment.file_get --as finance --in "{\"hash\":\"$hash\"}" --out "$dir/pain.xml" >/dev/null || fault "the file"
        grep -q "<CtrlSum>$(call finance payment.get "{\"run\":$run}" | pick 'x["due"]')</CtrlSum>" "$dir/pain.xml" || fault "the file's sum is not the run's"
        grep -q 演示 "$dir/pain.xml" || fault "the file is not stamped as a demonstration"
        schema=$(find ../shared/conformance/schemas -name pain.001.001.09.xsd 2>/dev/null | head -1)
        if [ -n "$schema" ]; then
                xmllint --noout --schema "$schema" "$dir/pain.xml" 2>"$dir/said" || fault "pain.001: $(head -3 "$dir/said")"
        else
                echo "skipped: no schema of pain.001 here"
        fi
        reference=$(sed -n 's/.*<MsgId>\([^<]*\)<.*/\1/p' "$dir/pain.xml" | head -1)
        statement_make "$(call finance payment.get "{\"run\":$run}" | pick 'x["due"]')" "$reference" 500000.00
        refused SB-0442 clerk payment.statement "{}" --body "$dir/camt.xml" --type application/xml
        call finance payment.statement "{}" --body "$dir/camt.xml" --type application/xml >/dev/null
        call finance payment.get "{\"run\":$run}" | pick 'x["state"]' | grep -q settled || fault "the statement did not settle the run: $(call finance payment.get "{\"run\":$run}" | pick 'x["state"]')"
        tasks_do "$case"
        archived "$case"
}

month() { # URL KEYS
        url=$1 keys=$2
        files_make
        found
        import_all
        contributions
        pension
        payment
        sb audit >"$dir/said" || fault "the auditor: $(head -5 "$dir/said")"
        sb export >/dev/null || fault "export"
        says SB-0903 "a wrong file of keys" "$shebao" call desk.summary --as auditor --db "$url" --keys "$dir/no.keys"
}

uscc=$(python3 -c 's="91990101000000017"; a="0123456789ABCDEFGHJKLMNPQRTUWXY"; print(s+a[(31-sum(a.index(c)*pow(3,i,31) for i,c in enumerate(s))%31)%31])')
month "sqlite:$dir/month.db" "$dir/month.keys"
[ "$(stat -c %a "$dir/month.keys")" = 600 ] || fault "others can read the keys"
if pg_make "$dir/pg"; then
        month "$(pg_url "$dir/pg" month)" "$dir/pg.keys"
else
        echo "skipped: no PostgreSQL on this machine"
fi
[ $failed -eq 0 ] && echo "month.sh: passed"
exit $failed
