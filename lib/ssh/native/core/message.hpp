#pragma once

#include "base/octets.hpp"

/// Message numbers (RFC 4250 section 4.1.2) of the transport, authentication and connection protocols.
namespace tunnel::ssh::native::message {

inline constexpr octet disconnect = 1;
inline constexpr octet ignore = 2;
inline constexpr octet unimplemented = 3;
inline constexpr octet debug = 4;
inline constexpr octet service_request = 5;
inline constexpr octet service_accept = 6;
/// RFC 8308 section 2.3.
inline constexpr octet ext_info = 7;
inline constexpr octet kexinit = 20;
inline constexpr octet newkeys = 21;

// 30 to 49 belong to the key exchange method (RFC 4253 section 8, RFC 5656 section 4).
inline constexpr octet kex_ecdh_init = 30;
inline constexpr octet kex_ecdh_reply = 31;
// RFC 4419 section 5.
inline constexpr octet kex_dh_gex_group = 31;
inline constexpr octet kex_dh_gex_init = 32;
inline constexpr octet kex_dh_gex_reply = 33;
inline constexpr octet kex_dh_gex_request = 34;

inline constexpr octet userauth_request = 50;
inline constexpr octet userauth_failure = 51;
inline constexpr octet userauth_success = 52;
inline constexpr octet userauth_banner = 53;
// 60 to 79 belong to the authentication method (RFC 4252 section 6).
inline constexpr octet userauth_pk_ok = 60;
inline constexpr octet userauth_passwd_changereq = 60;
// RFC 4256 section 5.
inline constexpr octet userauth_info_request = 60;
inline constexpr octet userauth_info_response = 61;

inline constexpr octet global_request = 80;
inline constexpr octet request_success = 81;
inline constexpr octet request_failure = 82;
inline constexpr octet channel_open = 90;
inline constexpr octet channel_open_confirmation = 91;
inline constexpr octet channel_open_failure = 92;
inline constexpr octet channel_window_adjust = 93;
inline constexpr octet channel_data = 94;
inline constexpr octet channel_extended_data = 95;
inline constexpr octet channel_eof = 96;
inline constexpr octet channel_close = 97;
inline constexpr octet channel_request = 98;
inline constexpr octet channel_success = 99;
inline constexpr octet channel_failure = 100;

// ping@openssh.com (OpenSSH's PROTOCOL, section 1.9).
inline constexpr octet ping = 192;
inline constexpr octet pong = 193;

}  // namespace tunnel::ssh::native::message
