//! A post: complete, or its excerpt with a button or a paywall.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, ThinData},
};
use askama::Template;

use super::{
    Allowance,
    allowance::cost_of_reading,
    error_page,
    localized::filters,
    metadata::Metadata,
    page,
    paywall::{Paywall, Reason},
    sign_in_address, with_post_headers,
};
use crate::{
    base::clock::Timestamp,
    config::ReadsCount,
    http::{
        error::ApiError,
        extract::current_user::{Caller, Read, Visitor},
        gift_reading::{GiftLink, giver, read_gift},
        middleware::origin,
        navigation, paths,
        reading::{ReadPost, check_visible, is_crawler, is_link_preview, is_not_a_read, must_verify_email, read_post},
        reads_headers,
        state::AppState,
    },
    paywall::{
        Cost, MeterState, ReadQueue,
        posts::{CachedPost, Post, access::Access},
    },
};

#[derive(Template)]
#[template(path = "post.html")]
struct PostPage<'p> {
    post: &'p Post,
    metadata: Metadata,
    now: Timestamp,
    content: Content<'p>,
    /// The address of the login page, if nobody is signed in.
    sign_in: Option<String>,
    allowance: Allowance,
    gift: Gift,
}

/// What the page says of the gift whose link led to it.
enum Gift {
    /// There is none, or this reader does not need it.
    None,
    /// From the user with this name.
    From(String),
    /// It did not open: it is spent, revoked or expired.
    Closed,
}

enum Content<'p> {
    /// The post's text as HTML.
    Complete(&'p str),
    /// The excerpt, and a button that spends a read.
    Teaser,
    /// The excerpt, and how to read on.
    Paywall(Paywall),
    UnverifiedEmail,
}

/// Shows a post, and counts a read the first time in a period. A link on another site spends no read: it shows the excerpt and a button.
pub(in crate::http) async fn show_post(
    state: Data<AppState>,
    ThinData(queue): ThinData<ReadQueue>,
    request: HttpRequest,
    Visitor(user): Visitor<Read>,
) -> Result<HttpResponse, ApiError> {
    let visit = Visit { state: &state, request: &request, user: user.as_ref() };
    match visit.show(&queue).await {
        // The session has ended, or the post is no longer free, since the gate let the request in.
        Err(error @ ApiError::LoginRequired) => navigation::login_address(&request)
            .map(|address| HttpResponse::Found().insert_header((header::LOCATION, address)).finish())
            .ok_or(error),
        shown => shown,
    }
}

/// A browser's request for the page of a post.
struct Visit<'v> {
    state: &'v AppState,
    request: &'v HttpRequest,
    user: Option<&'v Caller<Read>>,
}

impl Visit<'_> {
    async fn show(&self, queue: &ReadQueue) -> Result<HttpResponse, ApiError> {
        // An error, because browsers discard it and load the page again when the reader opens it. They would keep a
        // page with a button, and show it to a reader who has already asked for the post.
        if origin::is_prefetch(self.request.headers()) {
            return Err(ApiError::NotARead);
        }
        if let Some(canonical) = self.redirect().await? {
            return Ok(canonical);
        }
        if let Some(page) = self.for_crawler().await? {
            return Ok(page);
        }
        // Before the gift, which a preview must not open.
        if is_link_preview(self.state, self.request, self.user)
            && let Some(page) = self.preview(Gift::None).await?
        {
            return Ok(page);
        }
        if let Some(read) = read_gift(self.state, queue, self.request, self.user).await? {
            let giver = giver(self.state, self.request).await?;
            return self.complete(read, giver.map_or(Gift::None, Gift::From)).await;
        }
        let gift = || if GiftLink::of(self.request).is_some() { Gift::Closed } else { Gift::None };
        if is_not_a_read(self.state, self.request)
            && let Some(page) = self.preview(gift()).await?
        {
            return Ok(page);
        }
        match read_post(self.state, queue, self.request, self.user, self.find().await, ReadsCount::Posts).await {
            Ok(read) => self.complete(read, Gift::None).await,
            Err(error) => self.refuse(error, gift()).await,
        }
    }

    /// Leads to the one address of the page, which search engines and readers see. Without public excerpts the title is
    /// for users, and there is no slug.
    async fn redirect(&self) -> Result<Option<HttpResponse>, ApiError> {
        let path = self.request.path();
        if !self.state.config.meter.has_public_excerpts {
            return if paths::post_id(path).is_some() { Ok(None) } else { Err(ApiError::BlogNotFound) };
        }
        let cached = self.find_visible().await?;
        let canonical = paths::post_page(cached.post.id, &cached.post.slug);
        if path == canonical {
            return Ok(None);
        }
        let query = self.request.query_string();
        let address = if query.is_empty() { canonical } else { format!("{canonical}?{query}") };
        let moved = HttpResponse::MovedPermanently().insert_header((header::LOCATION, address)).finish();
        Ok(Some(with_post_headers(&self.state.site, moved)))
    }

    async fn find(&self) -> Result<Arc<CachedPost>, ApiError> {
        let id = paths::post_page_id(self.request.path()).ok_or(ApiError::BlogNotFound)?;
        self.state.posts.find(id).await?.ok_or(ApiError::BlogNotFound)
    }

    async fn find_visible(&self) -> Result<Arc<CachedPost>, ApiError> {
        check_visible(self.state, self.user, self.find().await)
    }

    /// The page for a search engine. Posts for subscribers are not among what it may read.
    async fn for_crawler(&self) -> Result<Option<HttpResponse>, ApiError> {
        if self.user.is_some() || !is_crawler(self.state, self.request) {
            return Ok(None);
        }
        let cached = self.find_visible().await?;
        if cached.post.access == Access::Subscribers {
            return Ok(None);
        }
        self.complete(ReadPost { cached, meter: None }, Gift::None).await.map(Some)
    }

    async fn complete(&self, ReadPost { cached, meter }: ReadPost, gift: Gift) -> Result<HttpResponse, ApiError> {
        let html = cached.html().await.map_err(ApiError::internal)?;
        let allowance = Allowance::after_read(self.state, self.user, meter);
        let shown = self.page_of(&cached.post, Content::Complete(html), allowance, gift);
        let mut response = page(&self.state.site, &shown)?;
        if let Some(meter) = meter {
            reads_headers::add_to(&mut response, &meter);
        }
        Ok(with_post_headers(&self.state.site, response))
    }

    /// The page that a link on another site leads to. `None` if reading costs nothing, so that subscribers can open the
    /// posts that a newsletter links to.
    async fn preview(&self, gift: Gift) -> Result<Option<HttpResponse>, ApiError> {
        let cached = self.find_visible().await?;
        if self.user.is_some_and(|user| must_verify_email(self.state, user)) {
            return Ok(None);
        }
        let cost = cost_of_reading(self.state, self.request, self.user, &cached).await?;
        let (content, meter) = match cost {
            Cost::Nothing => return Ok(None),
            Cost::OneRead(meter) => (Content::Teaser, meter),
            Cost::UsedUp(meter) | Cost::SubscribersOnly(meter) => (self.paywall(&cached.post, Some(meter)), meter),
        };
        page(&self.state.site, &self.page_of(&cached.post, content, Allowance::Metered(meter), gift))
            .map(|page| with_post_headers(&self.state.site, page))
            .map(Some)
    }

    /// Shows the excerpt, and why the post cannot be read. If excerpts are public, this is what the page is for this
    /// visitor, so that it has the status of a page: search engines drop pages with an error's.
    async fn refuse(&self, error: ApiError, gift: Gift) -> Result<HttpResponse, ApiError> {
        let meter = match &error {
            ApiError::PaymentRequired(hit)
            | ApiError::AnonymousReadsUsedUp(hit)
            | ApiError::SubscriptionRequired(hit) => hit.meter,
            ApiError::LoginRequired if self.user.is_none() => None,
            ApiError::EmailNotVerified => None,
            _ => return Err(error),
        };
        let cached = self.find_visible().await?;
        let content = match error {
            ApiError::EmailNotVerified => Content::UnverifiedEmail,
            _ => self.paywall(&cached.post, meter),
        };
        let allowance = match meter {
            Some(meter) => Allowance::Metered(meter),
            None => Allowance::find(self.state, self.request, self.user).await?,
        };
        let shown = self.page_of(&cached.post, content, allowance, gift);
        let response = if self.state.config.meter.has_public_excerpts {
            let mut response = page(&self.state.site, &shown)?;
            meter.iter().for_each(|meter| reads_headers::add_to(&mut response, meter));
            response
        } else {
            let status = error.parts(self.state.config.server.contract).0;
            error_page(&self.state.site, error, status, &shown)
        };
        Ok(with_post_headers(&self.state.site, response))
    }

    fn page_of<'p>(&'p self, post: &'p Post, content: Content<'p>, allowance: Allowance, gift: Gift) -> PostPage<'p> {
        let (metadata, now) = (Metadata::of(self.state, post), self.state.clock.now());
        PostPage { post, metadata, now, content, sign_in: sign_in_address(self.request, self.user), allowance, gift }
    }

    fn paywall(&self, post: &Post, meter: Option<MeterState>) -> Content<'static> {
        Content::Paywall(Paywall::new(self.state, self.request, self.user, post, meter))
    }
}
