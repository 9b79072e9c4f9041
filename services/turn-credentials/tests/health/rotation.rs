//! Another secret, without a refusal: coturn has both, then the minter.

use antiphon_ice_core::credentials::Secrets;
use secrecy::ExposeSecret as _;

use crate::{
    client::Client,
    coturn::Place,
    support::{NEW, OLD, Probing, udp},
};

#[tokio::test]
async fn credentials_of_both_secrets_allocate_while_they_rotate() {
    let place = Place::new();
    let _coturn = place.start(&["--static-auth-secret", OLD, "--static-auth-secret", NEW]).await;
    let probing = Probing::start(&[udp(place.plain)], |_| {});
    let credential = async || {
        let server = probing.mint().await.servers.remove(0);
        (server.username.expect("a username"), server.credential.expect("a password"))
    };
    let (username, password) = credential().await;
    Client::allocate(place.plain, &username, &password).await.expect("the old secret").release().await;

    probing.set_secrets(&format!("{NEW}\n{OLD}"));
    let new = Secrets::parse(NEW).expect("a secret");
    probing
        .until("the new secret mints", async |_| {
            let (username, password) = credential().await;
            new.first().password(&username).expose_secret() == password
        })
        .await;
    let (renewed, its_password) = credential().await;
    Client::allocate(place.plain, &renewed, &its_password).await.expect("the new secret").release().await;
    Client::allocate(place.plain, &username, &password).await.expect("the old secret, still").release().await;

    let other = Secrets::parse("a-secret-that-nobody-shares").expect("a secret");
    let wrong = other.first().password(&username);
    let refused = Client::allocate(place.plain, &username, wrong.expose_secret()).await;
    assert_eq!(refused.err(), Some(401));
    let expired = "1000000000:acme/ada";
    let password = new.first().password(expired);
    let refused = Client::allocate(place.plain, expired, password.expose_secret()).await;
    assert_eq!(refused.err(), Some(401));
}
