//! Where a change was found, for people.

use crate::pdf::ReadError;

/// Where a change was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Site {
    /// The document security store.
    Evidence,
    /// Nothing that anything refers to.
    Nothing,
    /// Metadata or the document information dictionary.
    Metadata,
    /// A key of the trailer.
    Trailer(&'static str),
    /// A key of the catalog.
    Catalog(String),
    /// A page.
    Page(u32),
    /// Annotations of a page; object number of the page.
    Annotations(u32),
    /// A form field.
    Field(String),
    /// The form itself.
    Form,
    /// Any other object.
    Object(u32),
    /// Bytes of an update that its cross-reference does not list.
    Unlisted(usize),
    /// Something that could not be read.
    Unreadable(ReadError),
}

impl Site {
    /// 中文 and English.
    pub(in crate::verify) fn words(&self) -> (String, String) {
        match self {
            Self::Evidence => ("验证材料".into(), "security store".into()),
            Self::Nothing => ("没有实际变化".into(), "nothing that shows".into()),
            Self::Metadata => ("元数据".into(), "metadata".into()),
            Self::Trailer(key) => (format!("文件尾 {key}"), format!("trailer /{key}")),
            Self::Catalog(key) => (format!("文档目录 {key}"), format!("catalog /{key}")),
            Self::Page(number) => (format!("页面对象 {number}"), format!("page object {number}")),
            Self::Annotations(number) => {
                (format!("页面对象 {number} 的批注"), format!("annotations of page object {number}"))
            }
            Self::Field(name) => (format!("表单域“{name}”"), format!("field “{name}”")),
            Self::Form => ("表单".into(), "the form".into()),
            Self::Object(number) => (format!("对象 {number}"), format!("object {number}")),
            Self::Unlisted(at) => (
                format!("第 {at} 字节起藏有未登记的对象,会自行修复文件的软件会显示它"),
                format!("an unlisted object from byte {at}, which programs that repair files will show"),
            ),
            Self::Unreadable(why) => ("无法读取的部分".into(), format!("unreadable: {why}")),
        }
    }
}
