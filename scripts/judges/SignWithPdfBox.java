import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Calendar;
import org.apache.pdfbox.cos.COSArray;
import org.apache.pdfbox.cos.COSDictionary;
import org.apache.pdfbox.cos.COSInteger;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;

/** Signs a file with PDFBox; openssl makes the value. IN OUT CERTIFICATE KEY ISSUER LEVEL (0: approval, 1 to 3: DocMDP). */
final class SignWithPdfBox {
    public static void main(String[] words) throws Exception {
        int level = Integer.parseInt(words[5]);
        try (PDDocument document = PDDocument.load(new File(words[0]));
                FileOutputStream out = new FileOutputStream(words[1])) {
            PDSignature signature = new PDSignature();
            signature.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
            signature.setSubFilter(PDSignature.SUBFILTER_ADBE_PKCS7_DETACHED);
            signature.setSignDate(Calendar.getInstance());
            if (level > 0) {
                certify(document, signature, level);
            }
            document.addSignature(signature, content -> value(content, words));
            document.saveIncremental(out);
        }
    }

    /** DocMDP (ISO 32000-1 12.8.2.2). */
    private static void certify(PDDocument document, PDSignature signature, int level) {
        COSDictionary parameters = new COSDictionary();
        parameters.setItem(COSName.TYPE, COSName.getPDFName("TransformParams"));
        parameters.setItem(COSName.P, COSInteger.get(level));
        parameters.setName(COSName.V, "1.2");
        COSDictionary reference = new COSDictionary();
        reference.setItem(COSName.TYPE, COSName.getPDFName("SigRef"));
        reference.setItem("TransformMethod", COSName.getPDFName("DocMDP"));
        reference.setItem("TransformParams", parameters);
        COSArray references = new COSArray();
        references.add(reference);
        signature.getCOSObject().setItem("Reference", references);
        COSDictionary permissions = new COSDictionary();
        permissions.setItem("DocMDP", signature);
        COSDictionary catalog = document.getDocumentCatalog().getCOSObject();
        catalog.setItem("Perms", permissions);
        catalog.setNeedToBeUpdated(true);
        permissions.setNeedToBeUpdated(true);
    }

    private static byte[] value(InputStream content, String[] words) throws IOException {
        Path covered = Path.of(words[1] + ".covered");
        Files.write(covered, content.readAllBytes());
        Process openssl = new ProcessBuilder(
                "openssl", "cms", "-sign", "-binary", "-md", "sha256", "-outform", "DER", "-nosmimecap", "-cades",
                "-in", covered.toString(), "-signer", words[2], "-inkey", words[3], "-certfile", words[4])
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        byte[] made = openssl.getInputStream().readAllBytes();
        Files.delete(covered);
        return made;
    }
}
