/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of the verbs about signing in.
 */
#include "office/signin/signin.h"

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define TEXT(name, most) "\"" name "\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":" most "}"
#define LABEL "\"label\":{\"type\":\"string\",\"maxLength\":60}"
#define REASON "\"reason\":{\"type\":\"string\",\"minLength\":4,\"maxLength\":300}"
#define ANY "{\"type\":\"object\"}"

const struct verb signin_verbs[] = {
    {"security.get", VERB_READ, DUTY_SIGNED_IN, "GET", "/api/security", "What I sign in with: second factors, sessions, resets",
     "我的登录凭据与会话", OBJECT("", ""), ANY, security_get, SCOPE_EVERYWHERE},
    {"security.totp_begin", VERB_WRITE, DUTY_SIGNED_IN, "POST", "/api/security/totp",
     "Begin to set up one-time codes: a secret for an authenticator, once", "设置动态验证码（生成密钥）", OBJECT("", LABEL),
     ANY, security_totp_begin, SCOPE_EVERYWHERE},
    {"security.totp_confirm", VERB_WRITE, DUTY_SIGNED_IN, "POST", "/api/security/totp/{factor}",
     "Prove by a code that the authenticator has the secret", "确认动态验证码",
     OBJECT("\"factor\",\"code\"", ID("factor") "," TEXT("code", "12")), ANY, security_totp_confirm, SCOPE_EVERYWHERE},
    {"security.key_begin", VERB_WRITE, DUTY_SIGNED_IN, "POST", "/api/security/keys",
     "Ask the browser for a new security key or passkey", "登记安全密钥（发起）", OBJECT("", ""), ANY, security_key_begin,
     SCOPE_EVERYWHERE},
    {"security.key_confirm", VERB_WRITE, DUTY_SIGNED_IN, "POST", "/api/security/keys/confirm",
     "Take the security key that the browser made", "登记安全密钥（确认）",
     OBJECT("\"client_data\",\"authenticator_data\"",
            LABEL "," TEXT("client_data", "4000") "," TEXT("authenticator_data", "4000")),
     ANY, security_key_confirm, SCOPE_EVERYWHERE},
    {"security.remove", VERB_WRITE, DUTY_SIGNED_IN, "POST", "/api/security/factors/{factor}/remove", "Remove a second factor of mine",
     "删除本人验证方式", OBJECT("\"factor\"", ID("factor")), ANY, security_remove, SCOPE_EVERYWHERE},
    {"security.recovery", VERB_WRITE, DUTY_SIGNED_IN, "POST", "/api/security/recovery",
     "New recovery codes; the former ones are void", "重新生成恢复码", OBJECT("", ""), ANY, security_recovery,
     SCOPE_EVERYWHERE},
    {"security.password", VERB_WRITE, DUTY_SIGNED_IN, "POST", "/api/security/password", "Choose a new password; other sessions end",
     "修改密码", OBJECT("\"old\",\"new\"", TEXT("old", "200") "," TEXT("new", "200")), ANY, security_password,
     SCOPE_EVERYWHERE},
    {"security.session_end", VERB_WRITE, DUTY_SIGNED_IN, "POST", "/api/security/sessions/{session}/end", "End one of my sessions",
     "结束本人的一个会话", OBJECT("\"session\"", ID("session")), ANY, security_session_end, SCOPE_EVERYWHERE},
    {"security.sessions_end", VERB_WRITE, DUTY_SIGNED_IN, "POST", "/api/security/sessions/end", "End all my sessions but this one",
     "结束本人的其他会话", OBJECT("", ""), ANY, security_sessions_end, SCOPE_EVERYWHERE},
    {"security.of", VERB_READ, "system.sign_in", "GET", "/api/staff/{staff}/security",
     "Second factors and sessions of somebody", "查看人员的登录凭据与会话", OBJECT("\"staff\"", ID("staff")), ANY, security_of,
     SCOPE_OFFICE},
    {"security.end_of", VERB_WRITE, "system.sign_in", "POST", "/api/staff/{staff}/sessions/end", "End all sessions of somebody",
     "结束人员的全部会话", OBJECT("\"staff\"", ID("staff")), ANY, security_end_of, SCOPE_OFFICE},
    {"security.link", VERB_WRITE, "system.sign_in", "POST", "/api/staff/{staff}/link",
     "Say as whom somebody signs in by another authority (OpenID Connect); without a subject, by none", "关联统一身份认证",
     OBJECT("\"staff\",\"subject\"", ID("staff") ",\"subject\":{\"type\":\"string\",\"maxLength\":255}"), ANY, security_link,
     SCOPE_OFFICE},
    {"security.reset", VERB_WRITE, "system.sign_in", "POST", "/api/staff/{staff}/reset",
     "Reset the password (a one-time one is told) or the second factors of somebody, with the reason",
     "重置人员的密码或验证方式",
     OBJECT("\"staff\",\"what\",\"reason\"", ID("staff") ",\"what\":{\"enum\":[\"password\",\"factors\"]}," REASON), ANY,
     security_reset, SCOPE_OFFICE},
    {0},
};
