//! Pages for people without an account: verify a file, check a code, download once. Server-rendered, no script at all.
//!
//! A download link's GET only shows a button, because chat programs fetch what they preview; POST uses it up.

use crate::domain::{Bilingual, Status};
use crate::http::{Document, House, Problem, Weight};
use crate::service::check_code::{Seen, check_code};
use crate::verify::{Judgement, Light, SignatureReport, Word};
use askama::Template;
use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{ConnectInfo, Form, Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::Arc;

/// Routes of the pages. The printed QR is upper case, so that route is there too.
pub fn pages() -> Router<Arc<House>> {
    Router::new()
        .route("/", get(home))
        .route("/style.css", get(style))
        .route("/verify", get(verify_form).post(verify))
        .route("/check", get(check_form).post(check_typed))
        .route("/v/{code}", get(check_scanned))
        .route("/V/{code}", get(check_scanned))
        .route("/d/{token}", get(offered).post(download))
}

/// What every page says of the house.
struct About {
    issuer: String,
    issuer_en: String,
    specimen: bool,
}

impl About {
    fn of(house: &House) -> Self {
        let name = &house.office().config().issuer().name;
        Self { issuer: name.zh.clone(), issuer_en: name.en.clone(), specimen: house.office().is_demo() }
    }
}

macro_rules! page {
    ($name:ident, $file:literal { $($field:ident: $kind:ty),* $(,)? }) => {
        #[derive(Template)]
        #[template(path = $file)]
        struct $name {
            issuer: String,
            issuer_en: String,
            specimen: bool,
            $($field: $kind,)*
        }

        impl $name {
            fn page(house: &House, $($field: $kind),*) -> Response {
                let About { issuer, issuer_en, specimen } = About::of(house);
                let page = Self { issuer, issuer_en, specimen, $($field),* };
                page.render().map(Html).map_or_else(|why| Problem::failure(&why).into_response(), Html::into_response)
            }
        }
    };
}

page!(Home, "home.html" {});
page!(Verify, "verify.html" { title: &'static str, error: Option<String>, result: Option<Shown>, most: u16 });
page!(Check, "check.html" {
    title: &'static str,
    error: Option<String>,
    seen: Option<Seen>,
    colour: &'static str,
    sign: &'static str,
    typed: String,
});
page!(Download, "download.html" { error: Option<String>, name: String, name_en: String, token: String });

/// A judgement as the page shows it.
struct Shown {
    colour: &'static str,
    sign: &'static str,
    word: &'static str,
    word_en: &'static str,
    headline: Bilingual,
    next: Bilingual,
    lights: Vec<ShownLight>,
    findings: Vec<Bilingual>,
    seals: Vec<ShownSeal>,
    policy: String,
    at: String,
}

/// A signature in the words of ETSI EN 319 102-1.
struct ShownSeal {
    signer: String,
    status: String,
}

struct ShownLight {
    name: &'static str,
    name_en: &'static str,
    state: &'static str,
    state_en: &'static str,
}

impl Shown {
    fn of(judgement: &Judgement) -> Self {
        let counter = &judgement.counter;
        let (colour, sign) = match counter.word {
            Word::Accept => ("green", "✔"),
            Word::Refer => ("amber", "?"),
            Word::Refuse => ("red", "✘"),
        };
        let light = |(name, name_en), light| {
            let (state, state_en) = match light {
                Light::None => ("不适用", "not weighed"),
                Light::Green => ("✔ 是", "yes"),
                Light::Amber => ("? 未能确定", "unknown"),
                Light::Red => ("✘ 否", "no"),
            };
            ShownLight { name, name_en, state, state_en }
        };
        let of_seals = judgement.signatures.iter().flat_map(|signature| &signature.findings);
        Self {
            colour,
            sign,
            word: counter.zh,
            word_en: counter.word.en(),
            headline: judgement.headline.clone(),
            next: counter.next_step.clone(),
            lights: vec![
                light(("文件完整", "file intact"), judgement.lights.file),
                light(("印章可信", "seal trusted"), judgement.lights.seal),
                light(("证照有效", "certificate in force"), judgement.lights.certificate),
            ],
            findings: of_seals.chain(&judgement.findings).map(crate::verify::Finding::words).collect(),
            seals: judgement.signatures.iter().map(ShownSeal::of).collect(),
            policy: format!("{} {}", judgement.policy.name, judgement.policy.version),
            at: judgement.at.clone(),
        }
    }
}

impl ShownSeal {
    fn of(signature: &SignatureReport) -> Self {
        let why = signature.sub_indication.map(|why| format!(" / {}", why.name()));
        Self {
            signer: signature.signer.as_ref().map_or_else(|| "?".to_owned(), |link| link.subject.clone()),
            status: format!("{}{}", signature.indication.name(), why.unwrap_or_default()),
        }
    }
}

async fn home(State(house): State<Arc<House>>) -> Response {
    Home::page(&house)
}

async fn style() -> impl IntoResponse {
    let kind =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (kind, include_str!("pages/style.css"))
}

async fn verify_form(State(house): State<Arc<House>>) -> Response {
    Verify::page(&house, "核验文件", None, None, house.body_mib())
}

async fn verify(
    State(house): State<Arc<House>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let judged = async {
        house.limit_stranger(from.ip())?;
        let Document(bytes) =
            <Document as axum::extract::FromRequest<_>>::from_request(request, &house).await?;
        house.run(Weight::Heavy, move |office| Ok(office.check(&bytes)?)).await
    };
    match judged.await {
        Ok(judgement) => {
            Verify::page(&house, "核验结果", None, Some(Shown::of(&judgement)), house.body_mib())
        }
        Err(why) => {
            let words = why.detail().to_owned();
            why.on(Verify::page(&house, "错误:没有核验", Some(words), None, house.body_mib()))
        }
    }
}

async fn check_form(State(house): State<Arc<House>>) -> Response {
    Check::page(&house, "查核验码", None, None, "", "", String::new())
}

#[derive(Deserialize)]
struct Typed {
    code: String,
}

async fn check_typed(
    State(house): State<Arc<House>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    typed: Result<Form<Typed>, FormRejection>,
) -> Response {
    match typed {
        Ok(Form(typed)) => checked(&house, from, typed.code).await,
        Err(_) => {
            let words = "表单不完整,请重新输入核验码。 The form is incomplete: type the code again.";
            let page = Check::page(&house, "错误", Some(words.to_owned()), None, "", "", String::new());
            (StatusCode::BAD_REQUEST, page).into_response()
        }
    }
}

async fn check_scanned(
    State(house): State<Arc<House>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Path(code): Path<String>,
) -> Response {
    checked(&house, from, code).await
}

async fn checked(house: &Arc<House>, from: SocketAddr, code: String) -> Response {
    let typed = shown_again(&code);
    let asked = async {
        house.limit_stranger(from.ip())?;
        house.run(Weight::Light, move |office| Ok(check_code(office, &code)?)).await
    };
    match asked.await {
        Ok(Some(seen)) => {
            let (colour, sign) = match seen.status {
                Some(Status::InForce) => ("green", "✔"),
                Some(_) => ("amber", "!"),
                None => ("grey", "–"),
            };
            Check::page(house, "核验码结果", None, Some(seen), colour, sign, typed)
        }
        Ok(None) => {
            let words = "请核对是否输错;若与纸面一致,该文件可能是伪造的。 Mistyped? If it is what the paper says, the paper may be forged.";
            let page = Check::page(house, "错误:没有这个核验码", Some(words.to_owned()), None, "", "", typed);
            (StatusCode::NOT_FOUND, page).into_response()
        }
        Err(why) => {
            let words = why.detail().to_owned();
            why.on(Check::page(house, "错误", Some(words), None, "", "", typed))
        }
    }
}

/// What was typed, for the form to show again: only what has a code's twelve characters. Anything else may be a
/// person's name or number, typed into the wrong place.
fn shown_again(typed: &str) -> String {
    let symbols = typed.chars().filter(|c| !matches!(c, '-' | ' '));
    let fits =
        typed.len() <= 40 && symbols.clone().all(|c| c.is_ascii_alphanumeric()) && symbols.count() == 12;
    if fits { typed.to_owned() } else { String::new() }
}

async fn offered(
    State(house): State<Arc<House>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Path(token): Path<String>,
) -> Response {
    let shown = token.clone();
    let seen = async {
        house.limit_stranger(from.ip())?;
        house
            .run(Weight::Light, move |office| {
                let entry = office.see_download(&token)?;
                Ok(office.type_of(&entry.slug).map(|kind| kind.name().clone()))
            })
            .await
    };
    match seen.await {
        Ok(name) => {
            let name = name.unwrap_or_else(|| Bilingual::new("电子证照", "Electronic certificate"));
            Download::page(&house, None, name.zh, name.en, shown)
        }
        Err(why) => spent(&house, &why),
    }
}

async fn download(
    State(house): State<Arc<House>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Path(token): Path<String>,
) -> Response {
    let taken = async {
        house.limit_stranger(from.ip())?;
        house.run(Weight::Light, move |office| Ok(office.take_download(&token)?)).await
    };
    match taken.await {
        Ok((entry, pdf)) => {
            let name = format!("attachment; filename=\"{}.pdf\"", entry.identifier);
            let mut response = ([(header::CONTENT_TYPE, "application/pdf")], pdf).into_response();
            if let Ok(name) = HeaderValue::from_str(&name) {
                response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
            }
            response
        }
        Err(why) => spent(&house, &why),
    }
}

fn spent(house: &House, why: &Problem) -> Response {
    let page =
        Download::page(house, Some(why.detail().to_owned()), String::new(), String::new(), String::new());
    why.on(page)
}
