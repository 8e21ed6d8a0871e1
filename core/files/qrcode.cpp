#include "core/files/qrcode.h"

#include "core/files/said.h"

#include <qrencode.h>

#include <memory>
#include <stdexcept>

namespace pretext {

QrCode qrCode(const std::string &text)
{
    const std::unique_ptr<QRcode, void (*)(QRcode *)> made(QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M), QRcode_free);
    if (!made)
        throw std::invalid_argument(said("a QR code holds no text of %1 bytes; it holds 2331", {int64_t(text.size())}));
    QrCode code{made->width, {}};
    code.dark.reserve(size_t(code.side) * size_t(code.side));
    for (int i = 0; i < code.side * code.side; ++i)
        code.dark.push_back(made->data[i] & 1);
    return code;
}

} // namespace pretext
