import { createPrivateKey, X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createAuthority } from "../../support/control-plane/boot/certificates.ts";
import { objectIdentifier, octetString } from "../../support/control-plane/boot/der.ts";

describe("certificates for the control plane", () => {
  const authority = createAuthority("test-authority");
  const pair = authority.issue({ commonName: "admin", organization: "system:masters" }, ["127.0.0.1", "localhost"]);
  const certificate = new X509Certificate(pair.certificate);
  const root = new X509Certificate(authority.certificate);

  test("are signed by an authority that may sign", () => {
    expect(root.ca).toBe(true);
    expect(root.checkIssued(root)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.checkIssued(root)).toBe(true);
    expect(certificate.verify(root.publicKey)).toBe(true);
    expect(certificate.verify(new X509Certificate(createAuthority("other").certificate).publicKey)).toBe(false);
  });

  test("carry the user, the group and the hosts", () => {
    expect(certificate.subject).toBe("O=system:masters\nCN=admin");
    expect(certificate.subjectAltName).toBe("IP Address:127.0.0.1, DNS:localhost");
    expect(certificate.checkPrivateKey(createPrivateKey(pair.key))).toBe(true);
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  });

  test("are valid now and for a while", () => {
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now() + 86_400_000);
  });
});

describe("DER", () => {
  test("an object identifier packs seven bits a byte", () => {
    expect(objectIdentifier("1.2.840.10045.4.3.2").toString("hex")).toBe("06082a8648ce3d040302");
  });

  test.for([
    { size: 127, head: "047f" },
    { size: 128, head: "048180" },
    { size: 256, head: "04820100" },
  ])("the length $size is written as $head", ({ size, head }) => {
    const encoded = octetString(Buffer.alloc(size));
    expect(encoded.subarray(0, encoded.length - size).toString("hex")).toBe(head);
  });
});
