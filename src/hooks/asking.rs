//! Questions: asked once, answered in time or not at all.

use std::{sync::Arc, time::Duration};

use reqwest::header::HeaderMap;
use tokio::time::timeout;

use super::Shared;
use crate::engine::{Answer, NoAnswer, errand::Request};

/// Asks, and waits for a free place, the server and the whole answer so long together.
pub(super) async fn ask(shared: &Shared, request: &Request, within: Duration) -> Answer {
    let asked = async {
        // It is never closed.
        let _place = shared.asking.acquire().await;
        shared.client.send(request, HeaderMap::new()).await?.json().await
    };
    match timeout(within, asked).await {
        Ok(Ok(json)) => Answer::Json(Arc::new(json)),
        Ok(Err(why)) => Answer::Failed(why),
        Err(_elapsed) => Answer::Failed(NoAnswer::TimedOut),
    }
}
