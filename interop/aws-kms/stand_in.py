"""LocalStack's key management service alone, on a port of loopback: `stand_in.py PORT`.

It decrypts RSA in one way whatever it is asked for, and calls a message that it cannot decrypt an error of its own. Both
are put right here, since they are what is tested. It names symmetric keys by a hash of bytes, which the library of Pythons
before 3.12 makes of texts alone.
"""

import os
import sys
import threading
import uuid

uuid5 = uuid.uuid5
uuid.uuid5 = lambda namespace, name: uuid5(namespace, name if isinstance(name, str) else name.hex())

os.environ.update(
    SERVICES="kms",
    EAGER_SERVICE_LOADING="1",
    GATEWAY_LISTEN=f"127.0.0.1:{int(sys.argv[1])}",
    GATEWAY_SERVER="hypercorn",
    DISABLE_EVENTS="1",
    SKIP_SSL_CERT_DOWNLOAD="1",
    DNS_ADDRESS="0",
)

from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import padding  # noqa: E402
from localstack.aws.api.kms import InvalidCiphertextException  # noqa: E402
from localstack.runtime import main  # noqa: E402
from localstack.services.kms import models, provider  # noqa: E402

HASHES = {"RSAES_OAEP_SHA_1": hashes.SHA1, "RSAES_OAEP_SHA_256": hashes.SHA256}
asked = threading.local()
decrypt = provider.KmsProvider.decrypt


def decrypt_as_asked(self, context, *args, encryption_algorithm=None, **kwargs):
    asked.hash = HASHES.get(encryption_algorithm)
    return decrypt(self, context, *args, encryption_algorithm=encryption_algorithm, **kwargs)


def decrypt_rsa(key, encrypted):
    private = serialization.load_der_private_key(key.crypto_key.private_key, password=None)
    oaep = padding.OAEP(mgf=padding.MGF1(asked.hash()), algorithm=asked.hash(), label=None)
    try:
        return private.decrypt(encrypted, oaep)
    except ValueError as error:
        raise InvalidCiphertextException() from error


provider.KmsProvider.decrypt = decrypt_as_asked
models.KmsKey.decrypt_rsa = decrypt_rsa
main.main()
