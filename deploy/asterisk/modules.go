package asteriskconf

import "slices"

// modules are loaded in an order that Asterisk finds by their dependencies; this one is the reader's.
var modules = []string{
	"res_timing_timerfd", // music and listening need a clock
	"res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb", "res_sorcery_memory_cache", "res_crypto",

	"res_pjproject", "res_pjsip", "res_pjsip_session", "res_pjsip_pubsub", "chan_pjsip",
	"res_pjsip_acl", "res_pjsip_authenticator_digest", "res_pjsip_outbound_authenticator_digest",
	"res_pjsip_caller_id", "res_pjsip_dlg_options", "res_pjsip_dtmf_info", "res_pjsip_empty_info",
	"res_pjsip_endpoint_identifier_ip", "res_pjsip_endpoint_identifier_user", "res_pjsip_header_funcs",
	"res_pjsip_maintenance", "res_pjsip_nat", "res_pjsip_outbound_registration", "res_pjsip_refer",
	"res_pjsip_registrar", "res_pjsip_rfc3326", "res_pjsip_sdp_rtp", "res_pjsip_logger",
	"func_pjsip_aor", "func_pjsip_contact", "func_pjsip_endpoint",

	"res_rtp_asterisk", "res_srtp", "res_musiconhold", "res_mutestream",
	"codec_alaw", "codec_ulaw", "codec_a_mu", "codec_g722", "codec_resample",
	"format_pcm", "format_sln", "format_wav", "format_gsm", "codec_gsm",
	"bridge_simple", "bridge_softmix", "bridge_holding", "bridge_native_rtp", "bridge_builtin_features",
	"chan_bridge_media",

	"res_http_websocket", "res_websocket_client", "res_stasis", "res_ari", "res_ari_model", "res_ari_applications",
	"res_ari_asterisk", "res_ari_bridges", "res_ari_channels", "res_ari_device_states", "res_ari_endpoints",
	"res_ari_events", "res_ari_playbacks", "res_ari_recordings", "res_ari_sounds", "res_stasis_answer",
	"res_stasis_broadcast", "res_stasis_device_state", "res_stasis_playback", "res_stasis_recording",
	"res_stasis_snoop", "app_stasis", "app_stasis_broadcast",

	"pbx_config", "app_dial", "app_playback", "app_read", "app_stack", "app_echo", "app_playtones", "app_cdr",
	"func_callerid", "func_channel", "func_logic", "func_strings", "func_timeout", "func_hangupcause", "func_version",

	"res_cdrel_custom", "cdr_custom", "cel_custom", "res_security_log",
}

// broadcast are the modules that an Asterisk may lack.
var broadcast = []string{"res_stasis_broadcast", "app_stasis_broadcast"}

// Modules lists what modules.conf loads.
func (m *model) Modules() []string {
	return slices.DeleteFunc(slices.Clone(modules), func(name string) bool {
		return m.NoBroadcast && slices.Contains(broadcast, name)
	})
}
