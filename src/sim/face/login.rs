//! Who may in: HTTP Basic, or `?api_key=user:password`.

/// The one ARI user.
#[derive(Clone)]
pub struct Login {
    /// His name.
    pub user: String,
    /// His password.
    pub password: String,
}

impl std::fmt::Debug for Login {
    /// Never prints the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Login {
    /// Whether this `Authorization` header or this `api_key` is his.
    pub(super) fn admits(&self, authorization: Option<&str>, api_key: Option<&str>) -> bool {
        let plain = format!("{}:{}", self.user, self.password);
        match authorization.and_then(|header| header.split_once(' ')) {
            Some((scheme, encoded)) => {
                scheme.eq_ignore_ascii_case("basic") && encoded.trim() == base64(plain.as_bytes())
            }
            None => api_key == Some(&plain),
        }
    }
}

/// Base64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let letter = ALPHABET[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (plain, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn only_the_user_with_his_password_is_admitted() {
        let login = Login { user: "sentral".into(), password: "pw".into() };
        assert!(login.admits(Some("Basic c2VudHJhbDpwdw=="), None));
        assert!(login.admits(Some("basic c2VudHJhbDpwdw=="), None));
        assert!(login.admits(None, Some("sentral:pw")));
        assert!(!login.admits(None, None));
        assert!(!login.admits(Some("Basic c2VudHJhbDpwdw"), None));
        assert!(!login.admits(Some("Bearer c2VudHJhbDpwdw=="), None));
        assert!(!format!("{login:?}").contains("pw"));
    }
}
