//! `serve`: the office opens its doors. Accepted work is finished before the process ends.

use super::arguments::Serve;
use super::output::{Exit, Output};
use super::{Answer, open, tls};
use crate::config::LogForm;
use crate::http::{House, app};
use crate::service::Office;
use crate::web;
use axum_server::Handle;
use metrics_exporter_prometheus::PrometheusBuilder;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for accepted work at shutdown: the longest request, and room.
const GRACE: Duration = Duration::from_secs(60);

pub(super) fn run(output: Output, serve: &Serve, templates: &[PathBuf]) -> Answer {
    let office = open(output, &serve.state.state, templates)?;
    let listener = listen(serve.listen.as_ref().unwrap_or(&office.config().server().listen))?;
    doors(output, office, listener)
}

/// Opens the doors of an office until a signal asks to close them.
pub(super) fn doors(output: Output, office: Office, listener: TcpListener) -> Answer {
    let server = office.config().server();
    logs(server.log);
    let tls = server.tls.as_ref().map(|files| tls::load(office.config(), files)).transpose();
    let tls = tls.map_err(|faults| tls::words(&faults))?;
    let address = listener.local_addr()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let figures = PrometheusBuilder::new().install_recorder()?;
    let house = House::new(Arc::new(office), figures);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    output.remark(&format!(
        "服务已启动 serving on {scheme}://{address}(停止 stop: Ctrl-C)\n  网页 pages {scheme}://{address}/  接口 contract {scheme}://{address}/openapi.yaml"
    ));
    runtime.block_on(async {
        let handle = Handle::new();
        tokio::spawn(close_on_signal(Arc::clone(&house), handle.clone()));
        tokio::spawn(tidy(Arc::clone(&house)));
        tokio::spawn(Arc::clone(&house).carry_out_batches());
        tokio::spawn(Arc::clone(&house).audit_daily());
        let service = app(house, web::pages()).into_make_service_with_connect_info::<SocketAddr>();
        match tls {
            Some(tls) => {
                let tls = axum_server::tls_rustls::RustlsConfig::from_config(Arc::new(tls));
                axum_server::tls_rustls::from_tcp_rustls(listener, tls)?.handle(handle).serve(service).await
            }
            None => axum_server::from_tcp(listener)?.handle(handle).serve(service).await,
        }
    })?;
    // Work on blocking threads is accepted work: the runtime waits for it when it is dropped.
    drop(runtime);
    output.remark("服务已停止,已接受的办理均已完成 / stopped; accepted work is finished");
    Ok(Exit::Ok)
}

/// Takes the address; a busy one is said with what to do.
pub(super) fn listen(at: &str) -> Result<TcpListener, String> {
    let busy = |why| {
        format!(
            "不能监听 {at}:{why}(换一个端口:--listen 地址:端口)/ cannot listen on {at}: try another port with --listen"
        )
    };
    let listener = TcpListener::bind(at).map_err(busy)?;
    listener.set_nonblocking(true).map_err(busy)?;
    Ok(listener)
}

fn logs(form: LogForm) {
    let builder = tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false);
    // A log on a full disk loses its lines. Complaining of that on the same standard error would panic, inside the
    // hook below too, and end the service.
    let builder = builder.log_internal_errors(false);
    // A second start in one process keeps the first one's log. Lines of the older `log` facade are not taken: the PDF
    // readers write them, and may quote a document.
    let _ = match form {
        LogForm::Human => tracing::subscriber::set_global_default(builder.with_ansi(false).finish()),
        LogForm::Json => tracing::subscriber::set_global_default(builder.json().finish()),
    };
    // A panic's words may quote what the work was handed: only its place is told.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
}

async fn close_on_signal(house: Arc<House>, handle: Handle<SocketAddr>) {
    let interrupt = tokio::signal::ctrl_c();
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupt => {}
        () = terminate => {}
    }
    house.close();
    handle.graceful_shutdown(Some(GRACE));
}

/// Limits of quiet addresses are forgotten each minute.
async fn tidy(house: Arc<House>) {
    let mut minutes = tokio::time::interval(Duration::from_secs(60));
    loop {
        minutes.tick().await;
        house.tidy();
    }
}
