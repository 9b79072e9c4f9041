use clap::Parser as _;

use super::*;

#[derive(clap::Parser)]
struct Cli {
    #[command(flatten)]
    signaling: SignalingConfig,
}

fn admission(arguments: &str) -> (Arc<Admission>, Instant) {
    let config = Cli::parse_from(std::iter::once("test").chain(arguments.split_whitespace())).signaling;
    let now = Instant::now();
    let quotas = Quotas::load(antiphon_service_kit::config::defaults()).expect("there is no file");
    (Arc::new(Admission::new(&config, Arc::new(quotas), now)), now)
}

fn address(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

#[test]
fn an_address_has_so_many_connections_and_gets_them_back() {
    let (admission, now) = admission("--address-connections 2");
    let first = admission.admit(address(1), now).expect("a place");
    let _second = admission.admit(address(1), now).expect("a place");
    assert_eq!(admission.admit(address(1), now).err(), Some(Overload::AddressConnections));
    let _other = admission.admit(address(2), now).expect("another address is not affected");
    drop(first);
    admission.admit(address(1), now).expect("the place that was given back");
}

#[test]
fn a_tenant_is_bounded_too() {
    let (admission, now) = admission("--tenant-connections 1");
    let tenant: TenantId = "acme".parse().expect("a name");
    let mut first = admission.admit(address(1), now).expect("a place");
    let mut second = admission.admit(address(2), now).expect("a place");
    assert_eq!(first.belongs_to(&tenant, now), Ok(()));
    assert_eq!(second.belongs_to(&tenant, now), Err(Overload::Tenant));
    drop(first);
    assert_eq!(second.belongs_to(&tenant, now), Ok(()));
}

#[test]
fn new_connections_of_an_address_are_paced() {
    let (admission, now) = admission("--address-connection-rate 10");
    let admitted = (0..100).filter(|_| admission.admit(address(1), now).is_ok()).count();
    assert_eq!(admitted, 20, "a burst of twice the rate");
    assert!(matches!(admission.admit(address(1), now).err(), Some(Overload::AddressRate(_))));
    assert!(admission.admit(address(1), now + Duration::from_millis(100)).is_ok());
}

#[test]
fn messages_are_paced_per_connection_address_and_tenant() {
    let count = |arguments: &str, places: usize| {
        let (admission, now) = admission(arguments);
        let tenant: TenantId = "acme".parse().expect("a name");
        let places: Vec<_> = (0..places)
            .map(|last| {
                let mut place = admission.admit(address(u8::try_from(last % 2).expect("small")), now).expect("a place");
                place.belongs_to(&tenant, now).expect("a place");
                place
            })
            .collect();
        places.into_iter().map(|mut place| (0..100).filter(|_| place.message(now).is_ok()).count()).sum::<usize>()
    };
    assert_eq!(count("--message-rate 1 --message-burst 7", 1), 7);
    assert_eq!(count("--message-rate 1 --message-burst 7", 3), 21);
    assert_eq!(count("--address-message-rate 5", 4), 2 * 10);
    assert_eq!(count("--tenant-message-rate 5", 4), 10);
}

#[test]
fn idle_addresses_are_forgotten_and_busy_ones_are_not() {
    let (admission, now) = admission("--address-connections 1 --address-connection-rate 1000000");
    let _kept = admission.admit(address(1), now).expect("a place");
    for index in 1..u32::try_from(REMEMBERED).expect("small") {
        drop(admission.admit(IpAddr::from((0x0a00_0000 + index).to_be_bytes()), now));
    }
    let later = now + Duration::from_secs(60);
    drop(admission.admit(address(2), later));
    assert!(lock(&admission.addresses).known.len() <= 3);
    assert_eq!(admission.admit(address(1), later).err(), Some(Overload::AddressConnections));
}

#[test]
fn where_everybody_is_busy_newcomers_are_not_looked_over_one_by_one() {
    let parties = Mutex::<Parties<u32>>::default();
    let first = u32::try_from(REMEMBERED).expect("small");
    let busy: Vec<_> = (0..=first).map(|key| party(&parties, &key, Duration::ZERO)).collect();
    assert_eq!(lock(&parties).known.len(), busy.len());
    drop(busy);
    // All are idle from here on; the next look is due when their number has doubled.
    for key in first + 1..2 * first {
        party(&parties, &key, Duration::ZERO);
    }
    assert_eq!(lock(&parties).known.len(), 2 * REMEMBERED);
    party(&parties, &u32::MAX, Duration::ZERO);
    assert_eq!(lock(&parties).known.len(), 1);
}

#[test]
fn a_message_that_waits_for_its_tenant_is_paid_once_by_its_connection_and_address() {
    let (admission, now) =
        admission("--message-rate 1 --message-burst 3 --address-message-rate 2 --tenant-message-rate 10");
    let tenant: TenantId = "acme".parse().expect("a name");
    let place = |last: u8| {
        let mut place = admission.admit(address(last), now).expect("a place");
        place.belongs_to(&tenant, now).expect("a place");
        place
    };
    let taken: usize = (1..=7).map(|last| (0..3).filter(|_| place(last).message(now).is_ok()).count()).sum();
    assert_eq!(taken, 20, "the tenant's burst");
    let mut late = place(9);
    let wait = Duration::from_millis(100);
    for _ in 0..9 {
        let throttle = Throttle { wait, rate: Throttled::Tenant };
        assert_eq!(late.message(now), Err(throttle), "its turn comes with the tenant's next one");
    }
    assert_eq!(late.message(now + wait), Ok(()));
    assert_eq!(place(9).message(now + 2 * wait), Ok(()), "its neighbour finds the address charged once");
}
