//! The engine on a layout of its own: every kind of block, judged from outside the engine.
#![allow(clippy::disallowed_methods, reason = "tests read the type files")]

use super::*;
use crate::domain::{AcceptContext, Bilingual, Instant, Issuer};
use crate::fonts::tests::fonts;

const LAYOUT: &str = include_str!("tests/layout.toml");

pub(super) fn particulars() -> Particulars {
    Particulars {
        number: "（2026）示民收字第00001号".to_owned(),
        identifier: "1.2.156.3005.2.11990000000000019A903.11990000000000019A.202600000003.001.J".to_owned(),
        code: "7K3M-9QXR-2H5D".to_owned(),
        verify_url: "HTTPS://ZZ.EXAMPLE/V/7K3M-9QXR-2H5D".to_owned(),
        issued_at: Instant::from_seconds(1_795_500_000).unwrap(),
        issuer: Issuer {
            name: Bilingual::new("示例市民政局", "Shili Civil Affairs Bureau"),
            short_name: "示民".to_owned(),
            uscc: "11990000000000019A".to_owned(),
            definer_uscc: "11990000000000019A".to_owned(),
            region: "990000".to_owned(),
        },
        valid_until: None,
        specimen: true,
    }
}

fn kind() -> CertificateType {
    let path = format!("{}/certificate-templates/adoption-registration/type.toml", env!("CARGO_MANIFEST_DIR"));
    CertificateType::from_toml("adoption-registration", &std::fs::read_to_string(path).unwrap()).unwrap()
}

fn application(kind: &CertificateType, raw: serde_json::Value) -> Application {
    let context = AcceptContext { today: time::macros::date!(2026 - 11 - 24), demo: true, repertoire: fonts() };
    kind.accept(&raw, &context).unwrap()
}

#[test]
#[ignore = "scratch"]
fn look() {
    use crate::seal_art::*;
    let kind = kind();
    let fonts: &'static FontSet = fonts();
    struct G(&'static FontSet);
    impl GlyphSource for G {
        fn outline(&self, c: char) -> Option<(Vec<crate::domain::drawing::PathStep>, f32)> {
            Some((self.0.outline(crate::fonts::Role::Bold, c)?, self.0.glyph(crate::fonts::Role::Bold, c)?.advance))
        }
    }
    let seal = CompiledSeal::new(&draw(&SealDesign::round("示例市民政局", 42.0).with_sub_line("收养登记专用章"), &G(fonts)).unwrap());
    let template = Template::compile(&kind, LAYOUT, std::sync::Arc::new(crate::fonts::tests::load())).unwrap();
    let app = application(
        &kind,
        serde_json::json!({"adopters":[{"name":"欧阳䶮𠮷","birth_date":"1990年3月7日","document":"990101199003071237","address":"示例市示例区示范路一百二十三弄四十五号六〇七室（示范花园二期，靠近人民公园北门）"},{"name":"张㛃","birth_date":"1991年1月1日","document":"990101199501010023","address":"同上"}],
        "adoptee":{"name":"欧阳𪸩明","sex":"女","birth_date":"2018年6月1日"},"registration_date":"2026年11月20日","registry":"示例市民政局",
        "_declaration":"欧阳䶮𠮷、张㛃收养欧阳𪸩明，经审查，符合《中华人民共和国民法典》的规定，准予登记，收养关系自登记之日起成立。"}),
    );
    let field = SealField { seal, name_zh: "示例市民政局 收养登记专用章".to_owned(), subfilter: SubFilter::EtsiCades, hole: DEFAULT_HOLE };
    let p = particulars();
    let a = template.render(&app, &p, &field).unwrap();
    assert_eq!(a, template.render(&app, &p, &field).unwrap());
    std::fs::write("/tmp/rf/a.pdf", &a.bytes).unwrap();
    std::fs::write("/tmp/rf/bare.pdf", template.render_bare(&app, &p, &field).unwrap()).unwrap();
    let start = std::time::Instant::now();
    for _ in 0..200 {
        std::hint::black_box(template.render(&app, &p, &field).unwrap());
    }
    println!("{:?} each, {} bytes", start.elapsed() / 200, a.bytes.len());
}
