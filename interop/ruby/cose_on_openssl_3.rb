# frozen_string_literal: true

# ruby-cose before 1.3 makes a key and then sets its parts, which OpenSSL 3 no longer allows: without this, webauthn-ruby
# verifies no login beside Debian 12's ruby-cose 1.2.0 and OpenSSL 3. Here the same keys are made at once, from their
# encodings; all else, and what is said of a bad key, is as it was.

require "cose"
require "openssl"

module COSEOnOpenSSL3
  module EC2
    def to_pkey
      raise "Unsupported curve #{crv}" unless curve

      group = OpenSSL::PKey::EC::Group.new(curve.pkey_name)
      point = OpenSSL::PKey::EC::Point.new(group, OpenSSL::BN.new("\x04".b + x + y, 2))
      algorithm = [OpenSSL::ASN1::ObjectId("id-ecPublicKey"), OpenSSL::ASN1::ObjectId(curve.pkey_name)]
      key = OpenSSL::ASN1::BitString(point.to_octet_string(:uncompressed))
      OpenSSL::PKey::EC.new(OpenSSL::ASN1::Sequence([OpenSSL::ASN1::Sequence(algorithm), key]).to_der)
    end
  end

  module RSA
    def to_pkey
      numbers = [bn(n), bn(e)].map { |number| OpenSSL::ASN1::Integer(number) }
      OpenSSL::PKey::RSA.new(OpenSSL::ASN1::Sequence(numbers).to_der)
    end
  end
end

if Gem::Version.new(COSE::VERSION) < Gem::Version.new("1.3")
  COSE::Key::EC2.prepend(COSEOnOpenSSL3::EC2)
  COSE::Key::RSA.prepend(COSEOnOpenSSL3::RSA)
end
