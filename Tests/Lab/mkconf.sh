#!/bin/bash
# Writes the configuration of one lab Asterisk, bound to a loopback network of its own.
# usage: LAB_NET=127.41.0 mkconf.sh ROOT RUN
set -euo pipefail
net=${LAB_NET:-127.40.0}
root=$1
run=$2
application=${LAB_APPLICATION:-ringside}
sip=$net.1
carrier=$net.2
libraries=$root/usr/lib/x86_64-linux-gnu
rm -rf "$run"
mkdir -p "$run"/{etc,cache,varlib/keys,spool/{recording,outgoing,monitor,system},run,log}
etc=$run/etc

# The wrapper is also argv[0], so that "core restart now" can run itself again.
cat > "$run/asterisk" <<X
#!/bin/sh
export TERM=dumb
exec $libraries/ld-linux-x86-64.so.2 --argv0 $run/asterisk --library-path $libraries $root/usr/sbin/asterisk \\
  -C $etc/asterisk.conf "\$@"
X
chmod +x "$run/asterisk"

# Recordings come to $run/spool/recording.
cat > "$etc/asterisk.conf" <<X
[directories]
astcachedir => $run/cache
astetcdir => $etc
astmoddir => $libraries/asterisk/modules
astvarlibdir => $run/varlib
astdbdir => $run/varlib
astkeydir => $run/varlib
astdatadir => $root/usr/share/asterisk
astagidir => $root/usr/share/asterisk/agi-bin
astspooldir => $run/spool
astrundir => $run/run
astlogdir => $run/log
astsbindir => $root/usr/sbin
[options]
verbose = 3
systemname = pbx
entityid = 02:00:00:00:00:01
documentation_language = en_US
X
cat > "$etc/logger.conf" <<X
[general]
dateformat=%F %T.%3q
[logfiles]
messages => notice,warning,error,verbose(3)
X
cat > "$etc/http.conf" <<X
[general]
enabled=yes
bindaddr=$sip
bindport=8088
sessionlimit=100
X
# channelvars brings RINGSIDE_NS back with each channel: it says which tenant a channel is of.
cat > "$etc/ari.conf" <<X
[general]
enabled=yes
channelvars=RINGSIDE_NS
[ringside]
type=user
read_only=no
password=ringside
X
cat > "$etc/manager.conf" <<X
[general]
enabled=yes
bindaddr=$sip
port=5038
displayconnects=no
[ringside]
secret=ringside
deny=0.0.0.0/0.0.0.0
permit=127.0.0.0/255.0.0.0
read=all
write=all
X

# Without res_stasis_device_state: with it Asterisk 22.10.1 stops serving ARI for good when a link ends while a phone
# changes its state (asterisk/asterisk#2170).
modules="res_timing_timerfd res_crypto res_http_websocket res_websocket_client res_sorcery_config
  res_sorcery_memory res_sorcery_astdb res_musiconhold res_stasis res_stasis_answer
  res_stasis_playback res_stasis_recording res_stasis_snoop app_stasis
  res_ari_model res_ari res_ari_applications res_ari_asterisk res_ari_bridges res_ari_channels
  res_ari_endpoints res_ari_events res_ari_playbacks res_ari_recordings res_ari_sounds
  res_pjproject res_pjsip res_pjsip_session res_pjsip_authenticator_digest res_pjsip_outbound_authenticator_digest
  res_pjsip_caller_id res_pjsip_dlg_options res_pjsip_dtmf_info res_pjsip_empty_info res_pjsip_endpoint_identifier_ip
  res_pjsip_endpoint_identifier_user res_pjsip_header_funcs res_pjsip_logger res_pjsip_maintenance res_pjsip_nat
  res_pjsip_notify res_pjsip_path res_pjsip_pubsub res_pjsip_refer res_pjsip_registrar res_pjsip_rfc3326
  res_pjsip_sdp_rtp res_rtp_asterisk res_srtp chan_pjsip chan_bridge_media bridge_builtin_features bridge_holding
  bridge_native_rtp bridge_simple bridge_softmix codec_a_mu codec_alaw codec_gsm codec_resample codec_ulaw format_gsm
  format_pcm format_sln format_wav pbx_config func_callerid func_channel func_global func_hangupcause func_logic
  func_pjsip_endpoint func_strings app_dial app_echo app_exec app_playback app_stack app_verbose"
{
  echo "[modules]"
  echo "autoload=no"
  for module in $modules; do
    [ ! -e "$libraries/asterisk/modules/$module.so" ] || echo "load=$module.so"
  done
} > "$etc/modules.conf"

cat > "$etc/rtp.conf" <<X
[general]
rtpstart=20000
rtpend=20400
strictrtp=no
icesupport=no
X
cat > "$etc/indications.conf" <<X
[general]
country=us
[us]
description=United States
ringcadence=2000,4000
dial=350+440
busy=480+620/500,0/500
ring=440+480/2000,0/4000
congestion=480+620/250,0/250
callwaiting=440/300,0/10000
dialrecall=!350+440/100,!0/100,350+440
record=1400/500,0/15000
info=!950/330,!1400/330,!1800/330,0
stutter=!350+440/100,!0/100,350+440
X
cat > "$etc/musiconhold.conf" <<X
[general]
[default]
mode=files
directory=$root/usr/share/asterisk/moh
X

{
  cat <<X
[global]
type=global
user_agent=Asterisk PBX
[transport-udp]
type=transport
protocol=udp
bind=$sip:5060

[phone](!)
type=endpoint
context=phones
disallow=all
allow=ulaw,alaw
direct_media=no
rtp_symmetric=yes
force_rport=yes
rewrite_contact=yes
send_pai=yes
trust_id_outbound=yes
dtmf_mode=rfc4733
allow_transfer=yes
media_address=$sip
bind_rtp_to_media_address=yes
device_state_busy_at=0
language=en
[phone-auth](!)
type=auth
auth_type=userpass
[phone-aor](!)
type=aor
max_contacts=1
remove_existing=yes
minimum_expiration=10
qualify_frequency=0
X
  for number in $(seq 8001 8010); do
    cat <<X
[$number](phone)
aors=$number
auth=$number
callerid="Agent $number" <$number>
[$number](phone-auth)
username=$number
password=pw$number
[$number](phone-aor)
X
  done
  cat <<X
; The carrier has an address of its own, so that it is told apart from the phones by address alone.
[pstn]
type=endpoint
context=pstn-in
disallow=all
allow=ulaw,alaw
aors=pstn
direct_media=no
rtp_symmetric=yes
from_domain=$sip
media_address=$sip
bind_rtp_to_media_address=yes
send_pai=yes
trust_id_inbound=yes
send_connected_line=no
language=en
[pstn]
type=aor
contact=sip:$carrier:5080
[pstn]
type=identify
endpoint=pstn
match=$carrier
; A second line to the same carrier, for calls out alone.
[pstn-b]
type=endpoint
context=pstn-in
disallow=all
allow=ulaw,alaw
aors=pstn
direct_media=no
rtp_symmetric=yes
from_domain=$sip
media_address=$sip
bind_rtp_to_media_address=yes
; A line that leads nowhere: its carrier has not registered.
[pstn-away]
type=endpoint
context=pstn-in
disallow=all
allow=ulaw
aors=pstn-away
[pstn-away]
type=aor
max_contacts=1
X
} > "$etc/pjsip.conf"

cat > "$etc/extensions.conf" <<X
[general]
static=yes
writeprotect=yes
; With ari-only a phone's REFER moves nothing by itself.
[phones]
exten => _[+*#0-9].,1,Set(PJSIP_TRANSFER_HANDLING()=ari-only)
 same => n,Stasis($application,phone,\${EXTEN})
 same => n,Hangup()
[pstn-in]
exten => _[+*#0-9].,1,Stasis($application,pstn,\${EXTEN})
 same => n,Hangup()
X
# Modules look for these; without them they only warn.
for file in ccss udptl acl features cdr cel codecs dnsmgr stasis sorcery pjproject res_stasis res_stasis_device_state \
  pjsip_notify websocket_client; do
  [ -e "$etc/$file.conf" ] || : > "$etc/$file.conf"
done
