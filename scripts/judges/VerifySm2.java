import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.security.cert.CertPathValidator;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Detached CMS by SM2 with SM3, judged by BouncyCastle: the signature, the path of its certificates to the root (PKIX), and
 * that no list has them revoked. ROOT ISSUING ROOT-LIST ISSUING-LIST (CONTENT CMS)...; a line for each, "ok" or why not.
 */
final class VerifySm2 {
    private static CertificateFactory factory;

    public static void main(String[] words) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        factory = CertificateFactory.getInstance("X.509", "BC");
        X509Certificate root = certificate(words[0]);
        X509Certificate issuing = certificate(words[1]);
        PKIXParameters rules = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
        rules.setRevocationEnabled(true);
        rules.addCertStore(CertStore.getInstance("Collection",
                new CollectionCertStoreParameters(List.of(list(words[2]), list(words[3]))), "BC"));
        for (int at = 4; at < words.length; at += 2) {
            System.out.println(judge(words[at], words[at + 1], issuing, rules));
        }
    }

    private static String judge(String content, String value, X509Certificate issuing, PKIXParameters rules) {
        try {
            CMSSignedData signed = new CMSSignedData(
                    new CMSProcessableByteArray(Files.readAllBytes(Path.of(content))), Files.readAllBytes(Path.of(value)));
            for (SignerInformation signer : signed.getSignerInfos().getSigners()) {
                @SuppressWarnings("unchecked")
                X509CertificateHolder held =
                        (X509CertificateHolder) signed.getCertificates().getMatches(signer.getSID()).iterator().next();
                X509Certificate leaf = new JcaX509CertificateConverter().setProvider("BC").getCertificate(held);
                if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(leaf))) {
                    return "the signature is wrong";
                }
                CertPathValidator.getInstance("PKIX", "BC")
                        .validate(factory.generateCertPath(List.of(leaf, issuing)), rules);
            }
            return signed.getSignerInfos().size() == 1 ? "ok" : "not one signer";
        } catch (Exception why) {
            return why.toString().replace('\n', ' ');
        }
    }

    private static X509Certificate certificate(String path) throws Exception {
        return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(Files.readAllBytes(Path.of(path))));
    }

    private static X509CRL list(String path) throws Exception {
        return (X509CRL) factory.generateCRL(new ByteArrayInputStream(Files.readAllBytes(Path.of(path))));
    }
}
