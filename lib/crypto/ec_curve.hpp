#pragma once

namespace tunnel::crypto {

/// The NIST curves of RFC 5656 section 10.1.
enum class ec_curve { p256, p384, p521 };

}  // namespace tunnel::crypto
