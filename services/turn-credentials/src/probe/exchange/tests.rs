use super::*;

const REALM: &str = "antiphon.test";

fn exchange() -> Exchange {
    Exchange::new(("user".to_owned(), "password".to_owned().into()), rand::random)
}

fn key() -> IntegrityKey {
    IntegrityKey::from(&LongTermKey::new("user", REALM, &"password".to_owned().into()))
}

/// The beginning of an answer to this request.
fn answer(request: &[u8], class: Class) -> Writer {
    let request = Message::read(request).expect("a message");
    Writer::new(request.method(), class, request.transaction_id())
}

fn challenge(request: &[u8], code: u8, nonce: &str) -> Vec<u8> {
    answer(request, Class::Error)
        .attribute(attribute::ERROR_CODE, &[0, 0, 4, code])
        .attribute(attribute::REALM, REALM.as_bytes())
        .attribute(attribute::NONCE, nonce.as_bytes())
        .finish()
}

fn sent(step: Step) -> Vec<u8> {
    let Step::Send(message) = step else { panic!("nothing is sent") };
    message
}

#[test]
fn an_allocation_that_the_relay_has_not_signed_is_none() {
    let mut exchange = exchange();
    let first = exchange.begin();
    let signed = sent(exchange.handle(&challenge(&first, 1, "nonce")));
    let unsigned = answer(&signed, Class::Success).finish();
    assert!(matches!(exchange.handle(&unsigned), Step::Wait));
    let anothers = IntegrityKey::from(&LongTermKey::new("user", REALM, &"guessed".to_owned().into()));
    assert!(matches!(exchange.handle(&answer(&signed, Class::Success).integrity(&anothers).finish()), Step::Wait));
    assert_eq!(exchange.outcome(), Probed::Dead);
    let refresh = sent(exchange.handle(&answer(&signed, Class::Success).integrity(&key()).finish()));
    assert_eq!(exchange.outcome(), Probed::Good);
    let refresh_message = Message::read(&refresh).expect("a message");
    assert_eq!(refresh_message.method(), Method::Refresh);
    assert_eq!(refresh_message.attribute(attribute::LIFETIME), Some(&[0; 4][..]), "it is given back");
    assert!(matches!(exchange.handle(&answer(&refresh, Class::Success).finish()), Step::End));
}

#[test]
fn a_nonce_that_grew_old_is_taken_anew_once() {
    let mut exchange = exchange();
    let first = exchange.begin();
    let signed = sent(exchange.handle(&challenge(&first, 1, "nonce-1")));
    let again = sent(exchange.handle(&challenge(&signed, 38, "nonce-2")));
    assert_eq!(Message::read(&again).expect("a message").attribute(attribute::NONCE), Some(&b"nonce-2"[..]));
    assert!(matches!(exchange.handle(&challenge(&again, 38, "nonce-3")), Step::End));
    assert_eq!(exchange.outcome(), Probed::Refused(438));
}

#[test]
fn what_answers_no_request_of_ours_is_ignored() {
    let mut exchange = exchange();
    let first = exchange.begin();
    let foreign = Writer::new(Method::Allocate, Class::Request, &[7; 12]).finish();
    for noise in
        [challenge(&foreign, 3, "nonce"), b"noise".to_vec(), Vec::new(), answer(&first, Class::Success).finish()]
    {
        assert!(matches!(exchange.handle(&noise), Step::Wait));
    }
    assert_eq!(exchange.outcome(), Probed::Dead);
    let refusal = answer(&first, Class::Error).attribute(attribute::ERROR_CODE, &[0, 0, 4, 3]).finish();
    assert!(matches!(exchange.handle(&refusal), Step::End));
    assert_eq!(exchange.outcome(), Probed::Refused(403));
}
