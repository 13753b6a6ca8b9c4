#!/usr/bin/env bash
# A first evening with curl alone: from an empty server to a line-up with a guide that every kind of player finds.
#
#   first_evening.sh BASE PLAYLIST_URL GUIDE_URL [SEARCH]
#
# SEARCH says which streams become channels; without it the first forty by name.
# Prints what a player needs to know, as KEY=VALUE lines; fails with a sentence.
set -euo pipefail
base=$1 playlist=$2 guide=$3 search=${4:-}
password=walnut-harbour-7

json() { python3 -c 'import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1:]:
    value = value[int(key)] if isinstance(value, list) else value[key]
print(json.dumps(value) if isinstance(value, (dict, list)) else value)' "$@"; }
say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
api() { local path=$1; shift; curl -fsS -H "Authorization: Bearer $access" -H 'Content-Type: application/json' "$@" "$base$path"; }
wait_for() { # PATH WANTED SECONDS: until the object's status is WANTED
  local status=
  for _ in $(seq $(($3 * 5))); do
    status=$(api "$1" | json status)
    [ "$status" = "$2" ] && return 0
    [ "$status" = error ] && fail "$1: $(api "$1" | json last_message)"
    sleep 0.2
  done
  fail "$1 is still $status, not $2"
}

curl -fsS -H 'Content-Type: application/json' -d "{\"username\":\"evening\",\"password\":\"$password\"}" "$base/api/accounts/initialize-superuser/" >/dev/null
access=$(curl -fsS -H 'Content-Type: application/json' -d "{\"username\":\"evening\",\"password\":\"$password\"}" "$base/api/accounts/token/" | json access)
say "signed in"

account=$(api /api/m3u/accounts/ -d "{\"name\":\"Evening\",\"account_type\":\"STD\",\"server_url\":\"$playlist\"}" | json id)
wait_for "/api/m3u/accounts/$account/" pending_setup 60
api "/api/m3u/refresh/$account/" -X POST >/dev/null
sleep 0.5
wait_for "/api/m3u/accounts/$account/" success 120
streams=$(api '/api/channels/streams/?page_size=1' | json count)
[ "$streams" -gt 0 ] || fail "no stream came in"
say "$streams streams"

ids=$(api '/api/channels/streams/?page_size=40&ordering=name&search='"$search" | python3 -c 'import json, sys; print([s["id"] for s in json.load(sys.stdin)["results"]])')
api /api/channels/channels/from-stream/bulk/ -d "{\"stream_ids\":$ids,\"starting_channel_number\":1}" >/dev/null
for _ in $(seq 100); do
  channels=$(api '/api/channels/?page_size=1' | json count)
  [ "$channels" -ge 1 ] && break
  sleep 0.2
done
[ "$channels" -ge 1 ] || fail "no channel was made"
say "$channels channels"

source=$(api /api/epg/sources/ -d "{\"name\":\"Evening guide\",\"source_type\":\"xmltv\",\"url\":\"$guide\"}" | json id)
api /api/epg/import/ -d "{\"id\":$source}" >/dev/null
sleep 0.5
wait_for "/api/epg/sources/$source/" success 120
api /api/channels/channels/match-epg/ -d '{}' >/dev/null
for _ in $(seq 50); do
  matched=$(api /api/channels/channels/ | python3 -c 'import json, sys; print(sum(c["epg_data_id"] is not None for c in json.load(sys.stdin)))')
  [ "$matched" -ge 1 ] && break
  sleep 0.2
done
say "$matched channels have a guide"

user=$(api /api/accounts/users/me/ | json id)
api "/api/accounts/users/$user/" -X PATCH -d '{"custom_properties":{"xc_password":"television-1"}}' >/dev/null

curl -fsS "$base/output/m3u" >/tmp/evening.$$.m3u
grep -q '^#EXTM3U' /tmp/evening.$$.m3u || fail "/output/m3u is no playlist"
lines=$(grep -c '^#EXTINF' /tmp/evening.$$.m3u)
rm -f /tmp/evening.$$.m3u
programmes=$(curl -fsS "$base/output/epg" | grep -c '<programme' || true)
tuner=$(curl -fsS "$base/hdhr/lineup.json" | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))')
xtream=$(curl -fsS "$base/player_api.php?username=evening&password=television-1&action=get_live_streams" | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))')
[ "$lines" = "$channels" ] || fail "the playlist has $lines of $channels channels"
[ "$tuner" = "$channels" ] || fail "the tuner has $tuner of $channels channels"
[ "$xtream" = "$channels" ] || fail "Xtream has $xtream of $channels channels"

printf 'STREAMS=%s\nCHANNELS=%s\nMATCHED=%s\nPROGRAMMES=%s\nACCESS=%s\n' "$streams" "$channels" "$matched" "$programmes" "$access"
