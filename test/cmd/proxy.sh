#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# proxy.sh SHEBAO: deploy/nginx.conf in front of a server: only TLS 1.2 and later, plain HTTP leads to it, cookies are of the host and secure, HSTS
# stands on answers, no query string and no version is told, counters stay inside, and a forged X-Forwarded-For does not help who guesses.
set -uo pipefail
shebao=${1:?usage: proxy.sh SHEBAO}
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 2
nginx=$(command -v nginx || echo /usr/sbin/nginx)
if [ ! -x "$nginx" ] || ! command -v openssl >/dev/null; then
        echo "skipped: no nginx or no openssl here"
        exit 77
fi
dir=$(mktemp -d /tmp/shebao-proxy-XXXXXX)
server=
cleanup() {
        [ ! -f "$dir/nginx.pid" ] || kill "$(cat "$dir/nginx.pid")" 2>/dev/null
        [ -z "$server" ] || { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; }
        rm -rf "$dir"
}
trap cleanup EXIT
failed=0
fault() { printf 'FAILED: %s\n' "$*"; failed=1; }
# Below the ports that a system lends to clients: tens of thousands of theirs may be lying there for a minute after other tests.
port=$((20000 + RANDOM % 4000)) tls=$((24000 + RANDOM % 4000)) plain=$((28000 + RANDOM % 4000))
host=shebao.example.gov.cn

"$shebao" demo --persons 50 --seed 5 --db "sqlite:$dir/city.db" >"$dir/said" 2>&1 || { cat "$dir/said"; exit 1; }
"$shebao" serve --db "sqlite:$dir/city.db" --pack packs/demo --port $port --origin "https://$host:$tls" --proxies 127.0.0.1 >/dev/null 2>"$dir/log" &
server=$!
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$dir/key.pem" -out "$dir/cert.pem" -days 2 \
        -subj "/CN=$host" -addext "subjectAltName=DNS:$host" 2>/dev/null
sed -e "s|/etc/shebao/tls/fullchain.pem|$dir/cert.pem|; s|/etc/shebao/tls/key.pem|$dir/key.pem|; s|/var/log/nginx/shebao.log|$dir/access.log|" \
        -e "s|listen 443|listen 127.0.0.1:$tls|; s|listen 80;|listen 127.0.0.1:$plain;|; s|127.0.0.1:8080|127.0.0.1:$port|" \
        -e 's|ssl_stapling.* on;||' deploy/nginx.conf >"$dir/shebao.conf" # a certificate of our own has nobody to ask
cat >"$dir/nginx.conf" <<CONF
daemon on; pid $dir/nginx.pid; error_log $dir/error.log;
events {}
http { client_body_temp_path $dir/body; proxy_temp_path $dir/proxy; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
       access_log off; include $dir/shebao.conf; }
CONF
chmod 755 "$dir"
for _ in $(seq 300); do
        curl -fs "http://127.0.0.1:$port/healthz" >/dev/null && break
        sleep 0.1
done
"$nginx" -c "$dir/nginx.conf" 2>"$dir/said" || { cat "$dir/said"; exit 1; }
ask() { curl -s -m 60 --cacert "$dir/cert.pem" --resolve "$host:$tls:127.0.0.1" --resolve "$host:$plain:127.0.0.1" "$@"; }

answer=$(ask -i "https://$host:$tls/healthz?secret=zq7query")
grep -q '^HTTP/2 200' <<<"$answer" || fault "no answer over TLS: $(head -3 <<<"$answer")"
grep -qi '^strict-transport-security: max-age=' <<<"$answer" || fault "no HSTS"
grep -qiE '^server: nginx/|^x-powered' <<<"$answer" && fault "versions are told"
ask -o /dev/null --tls-max 1.1 "https://$host:$tls/healthz" && fault "TLS 1.1 is taken"
ask -o /dev/null --tls-max 1.2 "https://$host:$tls/healthz" || fault "TLS 1.2 is not taken"
openssl s_client -connect "127.0.0.1:$tls" -tls1_2 -cipher 'AES256-SHA' </dev/null >/dev/null 2>&1 && fault "a cipher without forward secrecy is taken"
ask -i "http://$host:$plain/desk" | grep -q "^HTTP/1.1 308" || fault "plain HTTP does not lead to TLS"
ask -o /dev/null -w '%{http_code}' "https://$host:$tls/metrics" | grep -q 403 || fault "counters are told outside"
cookie=$(ask -i -H 'Content-Type: application/json' -H "Origin: https://$host:$tls" -d '{"login":"clerk","password":"demonstration"}' "https://$host:$tls/api/session" |
        grep -i '^set-cookie:')
grep -q '__Host-' <<<"$cookie" && grep -q Secure <<<"$cookie" && grep -q HttpOnly <<<"$cookie" && grep -q 'SameSite=Strict' <<<"$cookie" ||
        fault "the cookie is not of the host alone: $cookie"
slow=0
for i in $(seq 12); do # another address each time, by the word of who guesses
        status=$(ask -o /dev/null -w '%{http_code}' -H "X-Forwarded-For: 10.0.0.$i" -H 'Content-Type: application/json' -H "Origin: https://$host:$tls" \
                -d '{"login":"auditor","password":"wrong wrong wrong"}' "https://$host:$tls/api/session")
        [ "$status" = 429 ] && slow=1
done
[ $slow = 1 ] || fault "who guesses under forged addresses does not have to wait"
[ -s "$dir/access.log" ] || fault "nginx keeps no log"
grep -q zq7query "$dir/access.log" "$dir/log" && fault "a query string is logged"
[ $failed -eq 0 ] && echo "proxy.sh: passed"
exit $failed
