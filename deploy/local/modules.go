package local

// modules is what a private Asterisk loads. The loader of Asterisk orders
// them by their own dependencies; the order here is for the reader.
var modules = []string{
	// Time and configuration. Without a timing module there is no music and
	// no snoop channel.
	"res_timing_timerfd",
	"res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb", "res_sorcery_memory_cache",
	"res_crypto",

	// SIP.
	"res_pjproject", "res_pjsip", "res_pjsip_session", "res_pjsip_pubsub", "chan_pjsip",
	"res_pjsip_acl", "res_pjsip_authenticator_digest", "res_pjsip_outbound_authenticator_digest",
	"res_pjsip_caller_id", "res_pjsip_diversion", "res_pjsip_dlg_options", "res_pjsip_dtmf_info",
	"res_pjsip_empty_info", "res_pjsip_endpoint_identifier_ip", "res_pjsip_endpoint_identifier_user",
	"res_pjsip_header_funcs", "res_pjsip_logger", "res_pjsip_maintenance", "res_pjsip_nat",
	"res_pjsip_outbound_publish", "res_pjsip_outbound_registration", "res_pjsip_path", "res_pjsip_refer", "res_pjsip_registrar",
	"res_pjsip_rfc3326", "res_pjsip_sdp_rtp", "res_pjsip_sips_contact", "res_pjsip_transport_websocket",
	"res_pjsip_exten_state", "func_pjsip_aor", "func_pjsip_contact", "func_pjsip_endpoint",

	// Media.
	"res_rtp_asterisk", "res_srtp", "res_musiconhold", "res_mutestream",
	"codec_alaw", "codec_ulaw", "codec_a_mu", "codec_g722", "codec_gsm", "codec_resample",
	"codec_opus_open_source", "res_format_attr_opus", "res_format_attr_h264", "res_format_attr_vp8",
	"format_pcm", "format_sln", "format_wav", "format_wav_gsm", "format_gsm",
	"bridge_simple", "bridge_softmix", "bridge_holding", "bridge_native_rtp", "bridge_builtin_features",
	"chan_bridge_media", "chan_rtp", "res_rtp_multicast",

	// ARI.
	"res_http_websocket", "res_websocket_client", "res_stasis", "res_ari", "res_ari_model",
	"res_ari_applications", "res_ari_asterisk", "res_ari_bridges", "res_ari_channels",
	"res_ari_device_states", "res_ari_endpoints", "res_ari_events", "res_ari_playbacks",
	"res_ari_recordings", "res_ari_sounds", "res_stasis_answer", "res_stasis_broadcast",
	"res_stasis_device_state", "res_stasis_playback", "res_stasis_recording", "res_stasis_snoop",
	"app_stasis", "app_stasis_broadcast",

	// Dialplan.
	"pbx_config", "app_dial", "app_playback", "app_echo", "app_exec", "app_stack", "app_verbose",
	"app_read", "app_softhangup", "app_senddtmf", "app_playtones", "app_transfer", "app_userevent",
	"app_originate", "app_cdr", "app_celgenuserevent", "app_record",
	"app_mixmonitor", "app_chanspy", "app_milliwatt", "app_waitforring", "app_waitforsilence", "app_while",
	"app_if", "app_db", "app_system", "app_talkdetect",
	"func_callerid", "func_cdr", "func_channel", "func_cut", "func_db", "func_devstate", "func_dialplan",
	"func_env", "func_extstate", "func_global", "func_groupcount", "func_hangupcause", "func_holdintercept",
	"func_jitterbuffer", "func_json", "func_logic", "func_math", "func_md5", "func_module", "func_periodic_hook",
	"func_presencestate", "func_rand", "func_sha1", "func_sorcery", "func_sprintf", "func_strings",
	"func_sysinfo", "func_talkdetect", "func_timeout", "func_uri", "func_uuid", "func_version", "func_volume",

	// Records and safety.
	"cdr_csv", "res_security_log", "res_limit",
	"res_clioriginate",
}

// modulesOf are loaded only when the caller gives the file they read: without
// it they decline, with an error in the log that would worry the reader.
var modulesOf = map[string][]string{
	"cdr_custom.conf": {"res_cdrel_custom", "cdr_custom"},
	"cel_custom.conf": {"res_cdrel_custom", "cel_custom"},
	"confbridge.conf": {"app_confbridge"},
	"prometheus.conf": {"res_prometheus"},
	"queues.conf":     {"app_queue"}, // for the benchmark that compares with it
}
