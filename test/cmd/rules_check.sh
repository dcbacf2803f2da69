#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# rules_check.sh SHEBAO ROOT: every kind of finding in a small model made for it, and none in the packs.
set -uo pipefail
shebao=${1:?usage: rules_check.sh SHEBAO ROOT}
root=${2:?usage: rules_check.sh SHEBAO ROOT}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0
unset LC_ALL LC_MESSAGES

# model BODY: folder/m.dmn with the inputs n (number), s (text), b (truth value), d (date), which one decision uses.
model() {
        cat >"$folder/m.dmn" <<XML
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="m" name="m" namespace="urn:m">
<itemDefinition name="tKind"><typeRef>string</typeRef><allowedValues><text>"x", "y"</text></allowedValues></itemDefinition>
<inputData id="n" name="n"><variable name="n" typeRef="number"/></inputData>
<inputData id="s" name="s"><variable name="s" typeRef="string"/></inputData>
<inputData id="b" name="b"><variable name="b" typeRef="boolean"/></inputData>
<inputData id="d" name="d"><variable name="d" typeRef="date"/></inputData>
<decision id="all" name="all"><variable name="all"/>$(needs n s b d)<literalExpression><text>[n, s, b, d]</text></literalExpression></decision>
$1
</definitions>
XML
}
needs() {
        for i in "$@"; do printf '<informationRequirement id="r%s%s"><requiredInput href="#%s"/></informationRequirement>' "$BASHPID" "$i" "$i"; done
}
# literal TEXT: a decision of that expression over all inputs.
literal() {
        model "<decision id=\"x\" name=\"x\"><variable name=\"x\" ${2:-}/>$(needs n s b d)<literalExpression><text>[n, s, b, d, ($1)][-1]</text></literalExpression></decision>"
}
# table POLICY INPUTS RULES: inputs and entries parted by |, rules by newlines "test|test=>output".
table() {
        local policy=$1 inputs='' rules='' used=() line test
        IFS='|' read -ra used <<<"$2"
        for i in "${used[@]}"; do
                inputs+="<input><inputExpression typeRef=\"${4:-}\"><text>$i</text></inputExpression></input>"
        done
        while IFS= read -r line; do
                rules+='<rule>'
                IFS='|' read -ra tests <<<"${line%%=>*}"
                for test in "${tests[@]}"; do rules+="<inputEntry><text>$test</text></inputEntry>"; done
                rules+="<outputEntry><text>${line##*=>}</text></outputEntry></rule>"
        done <<<"$3"
        model "<decision id=\"x\" name=\"x\"><variable name=\"x\"/>$(needs "${used[@]}")<decisionTable hitPolicy=\"$policy\">$inputs<output typeRef=\"number\"/>$rules</decisionTable></decision>"
}
# expect CODE PATTERN [PATH]: exit code, and a line of that pattern.
expect() {
        local code=$1 pattern=$2 out rc=0
        out=$("$shebao" rules check "${3:-$folder/m.dmn}" 2>&1) || rc=$?
        if [ $rc -ne "$code" ] || ! grep -qE -- "$pattern" <<<"$out"; then
                printf 'FAILED (line %s): gave %d, not %d with “%s”:\n%s\n' "${BASH_LINENO[0]}" $rc "$code" "$pattern" "$out"
                failed=1
        fi
}
clean() {
        expect 0 '^1 models, 0 errors, 0 warnings, 0 notes$'
}

# Mistakes of type.
literal 'n + 1' && clean
literal 'n + s' && expect 1 '^error .*m\.dmn:[0-9]+!x SB-0350 these cannot be added: a number, a text\.$'
literal 'b * n' && expect 1 'SB-0350 these cannot be multiplied: a truth value, a number'
literal 'n = s' && expect 1 'SB-0350 these cannot be compared'
literal 'b &lt; true' && expect 1 'SB-0350 there is no order among: a truth value'
literal 'if n then 1 else 2' && expect 1 'SB-0350 “if” needs a condition, not: a number'
literal 'b and s' && expect 1 'SB-0350 “and” and “or” join conditions, not: a text'
literal 'd - d' && clean
literal 'd + duration("P1M")' && clean
literal 'd.year + n' && clean
literal 'd.hat' && expect 1 'SB-0353 There is no “hat” in a date'
literal '{a: n}.c' && expect 1 'SB-0353 There is no “c” in a context'
literal '{a: n}.a + 1' && clean
literal 'upper case(n)' && expect 1 'SB-0351 upper case should be a text, but is a number'
literal 'contains(s)' && expect 1 'SB-0352 contains takes 2 arguments, not 1'
literal 'for i in [1, 2] return i + s' && expect 1 'SB-0350 these cannot be added'
literal '[1, 2][item &gt; "a"]' && expect 1 'SB-0350 these cannot be compared'
literal 'some i in [1, 2] satisfies i' && expect 1 'SB-0350 a condition is needed after satisfies'
literal 'n in (1..2]' && clean
literal 's in [1..2]' && expect 1 'SB-0350 the test can never be met: a text, a number'
literal 'nobody + 1' && expect 1 'SB-0354 “nobody” stands for nothing here'
model "<decision id=\"x\" name=\"x\"><variable name=\"x\" typeRef=\"string\"/>$(needs n)<literalExpression><text>n</text></literalExpression></decision>"
expect 1 'SB-0351 its answer should be a text, but is a number'
model "<decision id=\"x\" name=\"x\"><variable name=\"x\" typeRef=\"tea\"/>$(needs n)<literalExpression><text>n</text></literalExpression></decision>"
expect 1 'SB-0353 There is no “tea” in the item definitions'
model "<businessKnowledgeModel id=\"f\" name=\"f\"><variable name=\"f\"/><encapsulatedLogic><formalParameter name=\"p\" typeRef=\"number\"/><formalParameter name=\"q\" typeRef=\"number\"/><literalExpression><text>p</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>
<decision id=\"x\" name=\"x\"><variable name=\"x\"/>$(needs n)<knowledgeRequirement id=\"k\"><requiredKnowledge href=\"#f\"/></knowledgeRequirement><literalExpression><text>f(n, \"a\")</text></literalExpression></decision>"
expect 1 'warning .*!f SB-0359 “q” is not used'
expect 1 'error .*!x SB-0351 f should be a number, but is a text'

# Names and inputs that are not used.
model "<decision id=\"x\" name=\"x\"><variable name=\"x\"/>$(needs n s)<literalExpression><text>n</text></literalExpression></decision>"
expect 1 '^warning .*!x SB-0359 “s” is not used'
model '<inputData id="free" name="free"><variable name="free"/></inputData>'
expect 1 '^warning .*!free SB-0359 “free” is not used'
model "<decision id=\"x\" name=\"x\"><variable name=\"x\"/><literalExpression><text>n</text></literalExpression></decision>"
expect 1 'SB-0354 “n” stands for nothing here; add a requirement'

# Figures that belong in a parameter.
literal 'n * 0.08' && expect 1 '^warning .*!x SB-0360 The figure 0\.08 '
literal 'd &gt; date("2025-01-01")' && expect 1 'SB-0360 The figure 2025-01-01 '
literal 'd + @"P50Y"' && expect 1 'SB-0360 The figure P50Y '
literal 'round half up(n / 12 * 100, 4)' && clean
literal '[n, n, n, n, n, n][5]' && clean

# Tables: gaps, overlaps, rules that never apply.
table UNIQUE n $'&lt; 0=>0\n>= 0=>1' && clean
table UNIQUE n $'&lt; 0=>0\n> 0=>1' && expect 1 '^warning .*!x SB-0357 No rule applies: n: 0\.$'
table UNIQUE n $'&lt;= 1=>0\n>= 1=>1' && expect 1 '^error .*!x SB-0356 Rules 1 and 2 both apply: n: 1\.$'
table UNIQUE n $'&lt; 1=>0\n(1..2]=>1\n> 2=>2' && expect 1 'SB-0357 No rule applies: n: 1\.'
table UNIQUE n $'not(1)=>0\n1=>1' && clean
table UNIQUE 'n|b' $'&lt; 0|-=>0\n>= 0|true=>1\n>= 0|false=>2' && clean
table UNIQUE 'n|b' $'&lt; 0|-=>0\n>= 0|true=>1' && expect 1 'SB-0357 No rule applies: n: 0; b: false'
table UNIQUE 'n|b' $'-|true=>0\n&lt; 0|-=>1\n>= 0|false=>2' && expect 1 'SB-0356 Rules 1 and 2 both apply: n: &lt; 0; b: true|SB-0356 Rules 1 and 2 both apply: n: < 0; b: true'
table UNIQUE s $'"x"=>0\n"y"=>1' && expect 1 'SB-0357 No rule applies: s: any other text'
table UNIQUE s $'"x"=>0\n"y"=>1' tKind && clean
table UNIQUE s $'"x"=>0\n"y"=>1\n"z"=>2' tKind && expect 1 '^warning .*!x SB-0355 Rule 3 can never apply'
table UNIQUE d $'&lt; date("2025-01-01")=>0\n>= date("2025-01-02")=>1' && expect 1 'SB-0357 No rule applies: d: 2025-01-01'
table ANY n $'&lt;= 1=>0\n>= 1=>0' && clean
table ANY n $'&lt;= 1=>0\n>= 1=>1' && expect 1 'SB-0356 Rules 1 and 2 both apply'
table FIRST n $'&lt; 1=>0\n&lt; 2=>1\n-=>2' && clean
table FIRST n $'&lt; 2=>0\n&lt; 1=>1\n-=>2' && expect 1 'SB-0355 Rule 2 can never apply'
table FIRST 'n|b' $'-|true=>0\n&lt; 1|false=>1\n>= 1|-=>2\n0|false=>2' && expect 1 'SB-0355 Rule 4 can never apply'
table COLLECT n $'1=>0\n1=>1' && clean
table UNIQUE 'n|s' $'&lt; 1|-=>0\n>= 1|-=>1' && expect 1 '^warning .*!x SB-0359 “input 2 of the table” is not used'
table UNIQUE n $'"x"=>0\n-=>1' && expect 1 '^error .*!x rule 1 SB-0350 the test can never be met: a number, a text'
table UNIQUE n $'1=>"x"\nnot(1)=>1' && expect 1 '^error .*!x rule 1 SB-0351 an output should be a number, but is a text'
table UNIQUE 'n|s' $'&lt; n|"x"=>0\n-|not("x")=>1' && expect 0 '^note .*!x SB-0358 It cannot be told whether some rule always applies'
table UNIQUE 'n|b' $'&lt; n|true=>0\n-|-=>1' && expect 0 '^note .*!x SB-0358 It cannot be told whether two rules apply at once'

# Models that cannot be read, paths that are not there, packs.
literal '1 +' && expect 1 '^error .* SB-0300'
printf '<x' >"$folder/m.dmn"
expect 1 '^error '
expect 1 'SB-0003' "$folder/absent.dmn"
"$shebao" rules check >/dev/null 2>&1
[ $? -eq 2 ] || { echo "FAILED: rules check without a path"; failed=1; }
mkdir -p "$folder/packs" && cp -r "$root/packs/cn" "$folder/packs/"
sed -i 's/parameters\.survivor_funeral_months(day)/parameters.survivor_funerals(day) + 7/' "$folder/packs/cn/rules/survivors.dmn"
expect 1 'rules/survivors\.dmn:[0-9]+!grant entry funeral SB-0354 “parameters\.survivor_funerals” stands for nothing' "$folder/packs/cn"
expect 1 'rules/survivors\.dmn:[0-9]+!grant entry funeral SB-0360 The figure 7 ' "$folder/packs/cn/rules/survivors.dmn"
for pack in "$root"/packs/*; do
        expect 0 ' 0 errors, 0 warnings, ' "$pack"
done
exit $failed
