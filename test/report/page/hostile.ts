/** Texts that break output without escaping. */
import fc from "fast-check";

export const hostileText = `</pre><script>alert(1)</script> " ' & ]]> <!-- | \n :: %0A \u0000\u001b[31m\ud800 {}`;

export function hostileTexts(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constant(hostileText),
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(..."<>&\"'\n\r\t\0]|%:,") }),
  );
}
