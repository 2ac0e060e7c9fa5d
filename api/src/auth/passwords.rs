//! Passwords: what they must be, and how they are kept.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use store::LoginName;

use crate::compute::compute_password;
use crate::error::{Error, Result};

/// Argon2id as the OWASP password storage cheat sheet asks: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const N_PASSES: u32 = 2;
const N_LANES: u32 = 1;
/// What RFC 9106, section 3.1, recommends.
const N_SALT_BYTES: usize = 16;

/// The hash of nothing that anybody knows, so that an unknown name takes as long as a known one.
const OF_NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// NIST SP 800-63B asks for 8 at least and recommends more where a password is all there is.
const MIN_CHARS: usize = 12;
const MAX_BYTES: usize = 256;
/// Fewer different ones are a pattern on the keyboard.
const MIN_DIFFERENT_CHARS: usize = 5;

/// 32 characters that nobody mixes up: five bits each.
const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, N_PASSES, N_LANES, None);
    let params = params.expect("the parameters are within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    let random = SystemRandom::new().fill(&mut bytes);
    random.map_err(|_| Error::Internal("the system gives no random bytes".to_owned()))?;
    Ok(bytes)
}

/// The PHC string of a password's hash. It takes a core and 19 MiB for a while.
///
/// # Errors
///
/// When the system gives no random bytes.
pub fn hash_password(password: &SecretString) -> Result<SecretString> {
    let salt: [u8; N_SALT_BYTES] = random()?;
    let hash = argon2().hash_password_with_salt(password.expose_secret().as_bytes(), &salt);
    let hash = hash.map_err(|error| Error::Internal(format!("cannot hash a password: {error}")))?;
    Ok(hash.to_string().into())
}

/// A password of 100 random bits, for somebody who will choose another.
///
/// # Errors
///
/// When the system gives no random bytes.
pub fn one_time_password() -> Result<SecretString> {
    let bytes: [u8; 20] = random()?;
    let characters: Vec<char> =
        bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    let groups: Vec<String> = characters.chunks(5).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-").into())
}

/// [`hash_password`] beside the async threads.
pub(crate) async fn hashed(password: SecretString) -> Result<SecretString> {
    compute_password(move || hash_password(&password)).await?
}

/// Whether the password belongs to the hash. Without a hash it does not, and that takes as long.
pub(super) async fn is_right(password: SecretString, hash: Option<SecretString>) -> Result<bool> {
    compute_password(move || {
        let text = hash.as_ref().map_or(OF_NOBODY, |hash| hash.expose_secret());
        let Ok(parsed) = PasswordHash::new(text) else {
            return Err(Error::Internal("a stored password hash cannot be read".to_owned()));
        };
        let is_match =
            argon2().verify_password(password.expose_secret().as_bytes(), &parsed).is_ok();
        Ok(is_match && hash.is_some())
    })
    .await?
}

/// Checks a password that its owner chose.
pub(super) fn check(field: &str, password: &SecretString, login: &LoginName) -> Result<()> {
    let text = password.expose_secret();
    if text.chars().count() < MIN_CHARS || text.len() > MAX_BYTES {
        let rule =
            format!("must have {MIN_CHARS} characters at least and {MAX_BYTES} bytes at most");
        return Err(Error::invalid(field, rule));
    }
    let mut different: Vec<char> = text.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < MIN_DIFFERENT_CHARS {
        let rule = format!("must have {MIN_DIFFERENT_CHARS} different characters at least");
        return Err(Error::invalid(field, rule));
    }
    if login.as_str().len() > 3 && text.to_lowercase().contains(login.as_str()) {
        return Err(Error::invalid(field, "must not hold the login"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(phc: &str) -> &str {
        phc.rsplitn(3, '$').nth(2).unwrap()
    }

    #[tokio::test]
    async fn a_hash_has_the_parameters_of_owasp_and_opens_with_its_password_only() {
        let password = SecretString::from("correct horse battery");
        let hash = hash_password(&password).unwrap();
        assert_eq!(params(hash.expose_secret()), "$argon2id$v=19$m=19456,t=2,p=1");
        assert_eq!(params(OF_NOBODY), params(hash.expose_secret()));
        assert_ne!(hash.expose_secret(), hash_password(&password).unwrap().expose_secret());
        assert!(is_right(password.clone(), Some(hash.clone())).await.unwrap());
        assert!(!is_right("correct horse batterz".into(), Some(hash)).await.unwrap());
        assert!(!is_right(password.clone(), None).await.unwrap());
        assert!(is_right(password, Some("nonsense".into())).await.is_err());
    }

    #[test]
    fn one_time_passwords_differ_and_are_good_enough() {
        let (a, b) = (one_time_password().unwrap(), one_time_password().unwrap());
        assert_eq!(a.expose_secret().len(), 23);
        assert_ne!(a.expose_secret(), b.expose_secret());
        check("password", &a, &"admin".parse().unwrap()).unwrap();
    }

    #[test]
    fn weak_passwords_are_refused() {
        let login = "ana.lima".parse().unwrap();
        let check = |text: &str| check("password", &text.into(), &login);
        assert!(check("correct horse battery").is_ok());
        assert!(check("πλήρης ημερών").is_ok());
        for weak in
            ["", "short", "elevenchars", "aaaaaaaaaaaaaaaa", "my-ANA.LIMA-2026", &"ab".repeat(200)]
        {
            assert!(check(weak).is_err(), "{weak}");
        }
    }
}
