//! Checks of passwords and saves, on threads of their own and a few at a time.

use crate::schema::{Resource, kind::Password};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// Each takes 19 MiB and a core (BOX-152).
const AT_ONCE_MAX: usize = 4;
static PLACES: Semaphore = Semaphore::const_new(AT_ONCE_MAX);
/// Saves wait for the disk one after the other.
const SAVES_MAX: usize = 4;
static SAVES: Semaphore = Semaphore::const_new(SAVES_MAX);

/// Whether `typed` is the password; with none, no, after the same time (ACC-13 reading).
pub async fn is(password: Option<Password>, typed: String) -> bool {
    let known = password.is_some();
    let password = password.unwrap_or_else(Password::nobody);
    work(move || password.is(&typed) && known).await.unwrap_or(false)
}

/// Work that hashes a password, in its turn. `None` if it fell over.
pub async fn work<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    in_turn(&PLACES, work).await
}

/// A save of rows of this noun, in its turn: one that hashes no password waits for nobody who tries passwords.
pub async fn save<T: Send + 'static>(resource: &Resource, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let hashes = resource.hashed().next().is_some();
    in_turn(if hashes { &PLACES } else { &SAVES }, work).await
}

async fn in_turn<T: Send + 'static>(
    places: &'static Semaphore,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let place = places.acquire().await.expect("never closed");
    // The work goes on when whoever asked has gone, and keeps its place.
    let work = move || {
        let done = work();
        drop(place);
        done
    };
    spawn_blocking(work).await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::resource;
    use std::{
        future::ready,
        sync::{
            Arc, Barrier,
            atomic::{AtomicUsize, Ordering},
        },
    };

    /// DSK-2, ACC-13
    #[tokio::test]
    async fn only_the_right_password_of_a_known_name_is_taken() {
        let kept = Password::typed("correct horse").unwrap().hashed([7; 16]);
        assert!(is(Some(kept.clone()), "correct horse".into()).await);
        assert!(!is(Some(kept), "Correct horse".into()).await);
        assert!(!is(None, "correct horse".into()).await);
        assert!(!is(Some(Password::nobody()), String::new()).await);
    }

    /// BOX-152: four together, never five.
    #[tokio::test(flavor = "multi_thread")]
    async fn four_run_at_once() {
        let (together, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let meeting = Arc::new(Barrier::new(AT_ONCE_MAX));
        let tasks: Vec<_> = (0..3 * AT_ONCE_MAX)
            .map(|_| {
                let (together, most, meeting) = (together.clone(), most.clone(), meeting.clone());
                tokio::spawn(work(move || {
                    most.fetch_max(together.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    meeting.wait();
                    together.fetch_sub(1, Ordering::SeqCst);
                }))
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(most.load(Ordering::SeqCst), AT_ONCE_MAX);
    }

    #[tokio::test]
    async fn a_save_waits_for_no_password_unless_it_has_one() {
        let tried = PLACES.acquire_many(AT_ONCE_MAX as u32).await.unwrap();
        assert_eq!(save(resource("blacklist").unwrap(), || 1).await, Some(1));
        let account = save(resource("account").unwrap(), || 2);
        tokio::pin!(account);
        tokio::select! {
            biased;
            _ = &mut account => panic!("it has a password"),
            () = ready(()) => {}
        }
        drop(tried);
        assert_eq!(account.await, Some(2));
    }
}
