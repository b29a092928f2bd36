#!/bin/sh
# Makes once what `docker compose up` needs: a certificate authority for the servers behind the portal, passwords, keys,
# and one file of settings for each kind of process. Nothing that exists is overwritten.
#   sh docs/operations/compose/prepare.sh portal.example.org cases.portal.example.org operators@example.org
set -eu
umask 077
open_host=${1:?the name of the open area}
sealed_host=${2:?the name of the sealed area}
operators=${3:?who is told when something is wrong}
here=${PORTAL_COMPOSE_DIR:-compose}
# Servers of your own: host:port as the portal reaches them.
postgres=${PORTAL_POSTGRES:-postgres:5432}
redis=${PORTAL_BROKER:-redis:6379}
mkdir -p "$here/tls" "$here/secrets"
cd "$here"

random() { openssl rand -hex 24; }
# Of passwords that are words in a file, the file is made once.
secret() { [ -s "secrets/$1" ] || random > "secrets/$1"; cat "secrets/$1"; }

if [ ! -s tls/ca.pem ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=Portal servers" \
    -keyout tls/ca.key -out tls/ca.pem 2>/dev/null
fi
for server in postgres redis; do
  [ -s "tls/$server.pem" ] && continue
  [ "$server" = postgres ] && name=${postgres%:*} || name=${redis%:*}
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" \
    -keyout "tls/$server.key" -out "tls/$server.csr" 2>/dev/null
  printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$name" > "tls/$server.ext"
  openssl x509 -req -in "tls/$server.csr" -CA tls/ca.pem -CAkey tls/ca.key -CAcreateserial -days 825 \
    -extfile "tls/$server.ext" -out "tls/$server.pem" 2>/dev/null
  rm "tls/$server.csr" "tls/$server.ext"
done

for name in postgres owner app case keys backup broker_open broker_sealed factor_key; do secret "$name" > /dev/null; done
[ -s secrets/audit_key.pem ] || openssl genpkey -algorithm ed25519 -out secrets/audit_key.pem 2>/dev/null

digest() { printf %s "$(secret "$1")" | openssl dgst -sha256 -r | cut -d' ' -f1; }
# The sealed area's worker reads its own queue; the open area can put a message there and never read one.
[ -s users.acl ] || cat > users.acl <<EOF
user default off
user open on #$(digest broker_open) ~default* ~documents* ~mail* ~celery* ~_kombu* ~unacked* ~portal:* %W~sealed* &* +@all -@admin -@dangerous +info
user sealed on #$(digest broker_sealed) ~sealed* ~celery* ~_kombu* ~unacked* ~cases:* &* +@all -@admin -@dangerous +info
EOF

authority=${PORTAL_CA:-/run/tls/ca.pem}
database="$postgres/portal?sslmode=verify-full&sslrootcert=$authority"
broker="$redis/0?ssl_cert_reqs=required&ssl_ca_certs=$authority"
[ -s open.env ] || cat > open.env <<EOF
OAS_AREAS=open
DATABASE_URL=postgres://oas_app:$(secret app)@$database
REDIS_URL=rediss://open:$(secret broker_open)@$broker
OAS_SECRET_KEY=$(openssl rand -hex 48)
OAS_FACTOR_KEY=$(secret factor_key)
OAS_HOSTS=$open_host
OAS_ADDRESS=https://$open_host
OAS_BEHIND_PROXY=1
OAS_VAR=/data
OAS_AUDIT_KEY_FILE=/run/secrets/audit_key
OAS_AUDIT_ANCHORS=/anchors/anchors.jsonl
OAS_CLAMD=tcp://clamd:3310
OAS_OPERATORS=$operators
OAS_EMAIL_HOST=
OAS_EMAIL_FROM=portal@$open_host
OAS_METRICS_TOKEN=$(random)
EOF
[ -s sealed.env ] || cat > sealed.env <<EOF
OAS_AREAS=sealed
DATABASE_URL=postgres://oas_app:$(secret app)@$database
DATABASE_SEALED_URL=postgres://oas_case:$(secret case)@$database
DATABASE_KEYS_URL=postgres://oas_keys:$(secret keys)@$database
REDIS_URL=rediss://sealed:$(secret broker_sealed)@$broker
OAS_SECRET_KEY=$(openssl rand -hex 48)
OAS_FACTOR_KEY=$(secret factor_key)
OAS_HOSTS=$sealed_host
OAS_ADDRESS=https://$sealed_host
OAS_BEHIND_PROXY=1
OAS_VAR=/data
OAS_KEY_PROVIDER=pkcs11
OAS_PKCS11_MODULE=/usr/lib/softhsm/libsofthsm2.so
OAS_PKCS11_TOKEN=portal
OAS_PKCS11_PIN_FILE=/data/pin
OAS_OPERATORS=$operators
EOF
# Who migrates knows both areas, and runs only then.
[ -s owner.env ] || {
  echo "OAS_AREAS=open,sealed"
  echo "DATABASE_URL=postgres://oas_owner:$(secret owner)@$database"
  grep -v -e '^OAS_AREAS=' -e '^DATABASE_URL=' sealed.env
} > owner.env
[ -s roles.env ] || cat > roles.env <<EOF
PGPASSWORD=$(secret postgres)
OAS_OWNER_PASSWORD=$(secret owner)
OAS_APP_PASSWORD=$(secret app)
OAS_CASE_PASSWORD=$(secret case)
OAS_KEYS_PASSWORD=$(secret keys)
OAS_BACKUP_PASSWORD=$(secret backup)
EOF
[ -s backup.env ] || cat > backup.env <<EOF
DATABASE_BACKUP_URL=postgres://oas_backup:$(secret backup)@$database
OAS_BACKUP_RECIPIENTS=
OAS_BACKUP_KEY_RECIPIENTS=
EOF
[ -s networks.conf ] || printf '# allow 192.0.2.0/24;  # a ministry\ndeny all;\n' > networks.conf
mkdir -p backups
# Each container reads its own secret and no other: these are the accounts inside the images.
if [ "$(id -u)" = 0 ]; then
  chown 999 tls/postgres.key tls/redis.key secrets/postgres users.acl
  chown 65534 secrets/audit_key.pem backups
fi
chmod 644 tls/*.pem networks.conf
echo "Written to $(pwd). Next: your certificate as tls/fullchain.pem and tls/privkey.pem, the ministries' networks in"
echo "networks.conf, the mail server in open.env; then docs/operations/compose.md, step 2."
