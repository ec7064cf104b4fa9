//! A post: complete, or its excerpt with a button or a paywall.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, ThinData},
};
use askama::Template;

use super::{Allowance, Next, allowance::cost_of_reading, error_page, page, sign_in_address, with_post_headers};
use crate::{
    config::ReadsCount,
    http::{
        checkout,
        demo_checkout::ReturnTo,
        error::{ApiError, PaywallHit},
        extract::current_user::{Caller, Read, Visitor},
        gift_reading::read_gift,
        middleware::origin,
        navigation,
        reading::{ReadPost, find_visible, is_not_a_read, must_verify_email, read_post},
        reads_headers,
        state::AppState,
    },
    paywall::{
        Cost, MeterState, ReadQueue,
        posts::{Post, access::Access},
    },
};

#[derive(Template)]
#[template(path = "post.html")]
struct PostPage<'p> {
    /// Empty if it is not known; addresses are relative then.
    origin: &'p str,
    post: &'p Post,
    content: Content<'p>,
    /// The address of the login page, if nobody is signed in.
    sign_in: Option<String>,
    allowance: Allowance,
}

enum Content<'p> {
    /// The post's text as HTML.
    Complete(&'p str),
    /// The excerpt, and a button that spends a read.
    Teaser,
    /// The excerpt, and where to pay or to sign in.
    Paywall {
        /// `None` if only subscribers may read the post.
        used_up: Option<MeterState>,
        checkout_url: Option<String>,
    },
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
        if let Some(read) = read_gift(self.state, queue, self.request, self.user).await? {
            return self.complete(read).await;
        }
        if is_not_a_read(self.state, self.request, self.user)
            && let Some(page) = self.preview().await?
        {
            return Ok(page);
        }
        match read_post(self.state, queue, self.request, self.user, ReadsCount::Posts).await {
            Ok(read) => self.complete(read).await,
            Err(error) => self.refuse(error).await,
        }
    }

    async fn complete(&self, ReadPost { cached, meter }: ReadPost) -> Result<HttpResponse, ApiError> {
        let html = cached.html().await.map_err(ApiError::internal)?;
        let allowance = Allowance::after_read(self.state, self.user, meter);
        let mut response = page(&self.state.site, &self.page_of(&cached.post, Content::Complete(html), allowance))?;
        if let Some(meter) = meter {
            reads_headers::add_to(&mut response, &meter);
        }
        Ok(with_post_headers(&self.state.site, response))
    }

    /// The page that a link on another site leads to. `None` if reading costs nothing, so that subscribers can open the
    /// posts that a newsletter links to.
    async fn preview(&self) -> Result<Option<HttpResponse>, ApiError> {
        let cached = find_visible(self.state, self.request, self.user).await?;
        if self.user.is_some_and(|user| must_verify_email(self.state, user)) {
            return Ok(None);
        }
        let (content, meter) = match cost_of_reading(self.state, self.request, self.user, &cached).await? {
            Cost::Nothing => return Ok(None),
            Cost::OneRead(meter) => (Content::Teaser, meter),
            Cost::UsedUp(meter) => (self.paywall(Some(meter)), meter),
            Cost::SubscribersOnly(meter) => (self.paywall(None), meter),
        };
        page(&self.state.site, &self.page_of(&cached.post, content, Allowance::Metered(meter)))
            .map(|page| with_post_headers(&self.state.site, page))
            .map(Some)
    }

    /// Shows the excerpt, and why the post cannot be read.
    async fn refuse(&self, error: ApiError) -> Result<HttpResponse, ApiError> {
        let (content, meter) = match &error {
            ApiError::PaymentRequired(PaywallHit { meter, .. })
            | ApiError::AnonymousReadsUsedUp(PaywallHit { meter, .. }) => (self.paywall(*meter), *meter),
            ApiError::SubscriptionRequired(hit) => (self.paywall(None), hit.meter),
            ApiError::LoginRequired if self.user.is_none() => (self.paywall(None), None),
            ApiError::EmailNotVerified => (Content::UnverifiedEmail, None),
            _ => return Err(error),
        };
        let cached = find_visible(self.state, self.request, self.user).await?;
        let allowance = match meter {
            Some(meter) => Allowance::Metered(meter),
            None => Allowance::find(self.state, self.request, self.user).await?,
        };
        let status = error.parts(self.state.config.server.contract).0;
        Ok(with_post_headers(
            &self.state.site,
            error_page(&self.state.site, error, status, &self.page_of(&cached.post, content, allowance)),
        ))
    }

    fn page_of<'p>(&'p self, post: &'p Post, content: Content<'p>, allowance: Allowance) -> PostPage<'p> {
        let origin = self.state.config.server.public_origin.as_deref().unwrap_or_default();
        PostPage { origin, post, content, sign_in: sign_in_address(self.request, self.user), allowance }
    }

    fn paywall(&self, used_up: Option<MeterState>) -> Content<'static> {
        let back = || ReturnTo::Path(Next::parse(Some(self.request.path())));
        let link = |user: &Caller<Read>| checkout::link_returning_to(self.state, self.request, user, back);
        // With a limit of 0, nobody has used anything.
        let used_up = used_up.filter(|meter| meter.limit > 0);
        Content::Paywall { used_up, checkout_url: self.user.and_then(link) }
    }
}
