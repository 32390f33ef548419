#pragma once

namespace tunnel::crypto {

/// Whether the processor has instructions for AES: with them AES-GCM is the fastest cipher, without them
/// ChaCha20-Poly1305 is, and AES in software tells about its key by its timing.
bool has_aes_instructions();

}  // namespace tunnel::crypto
