//! Which browser it is: a random number in a cookie, and nothing else.

use std::fmt;

/// One browser, as long as it keeps its cookie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Visitor([u8; 16]);

impl Visitor {
    /// Somebody new.
    ///
    /// # Errors
    /// When the system has no chance to give.
    pub(super) fn random() -> Result<Visitor, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Visitor(bytes))
    }

    /// The cookie's name: cookies do not tell ports apart, and two kiosks may run at once.
    fn cookie_name(port: u16) -> String {
        format!("synkiosk-{port}")
    }

    /// The cookie that is set. Not `Secure`, because loopback has no TLS.
    pub(super) fn cookie(self, port: u16) -> String {
        format!("{}={self}; Path=/; HttpOnly; SameSite=Lax", Visitor::cookie_name(port))
    }

    /// The visitor in a `Cookie` header, if there is one.
    pub(super) fn of_cookies(cookies: &str, port: u16) -> Option<Visitor> {
        let wanted = Visitor::cookie_name(port);
        let pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
        let (_, hex) = pairs.into_iter().find(|(name, _)| *name == wanted)?;
        let number = u128::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 32)?;
        Some(Visitor(number.to_be_bytes()))
    }
}

impl fmt::Display for Visitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_names_its_visitor_and_nothing_else_does() {
        let visitor = Visitor::random().unwrap();
        let sent = format!("a=b; synkiosk-80={visitor}; c");
        assert!(Visitor::of_cookies(&sent, 80) == Some(visitor));
        for cookies in
            ["", "synkiosk-80=", "synkiosk-80=12", "synkiosk-80=+000000000000000000000000000000x", ";;="]
        {
            assert!(Visitor::of_cookies(cookies, 80).is_none(), "{cookies}");
        }
        assert!(Visitor::of_cookies(&sent, 81).is_none());
    }
}
