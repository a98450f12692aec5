# frozen_string_literal: true

# webauthn-ruby as a relying party that `stuntkey conform --command` can play.
#
#     webauthn_ruby_adapter.rb [--root FILE]    trusts these root certificates (PEM), and answers JSON lines
#     webauthn_ruby_adapter.rb --version        prints the library's name and version
#
# docs/conform.md says what the lines are.
#
# What the library leaves to the application is done as its README does it, and where that is silent as in the example
# that the README names (github.com/cedarcode/webauthn-rails-demo-app: app/controllers, app/models/credential.rb).
# Neither has a login without a user name: there the credential is looked for among all.

require "json"
require "openssl"
require "optparse"
require "webauthn"
require_relative "cose_on_openssl_3"

# What the relying party refuses, and why.
class Refused < StandardError; end

Credential = Struct.new(:username, :webauthn_id, :raw_id, :public_key, :sign_count)
Pending = Struct.new(:username, :challenge, :user_verification)

# Every format has the same roots.
class Roots
  def initialize(certificates)
    @certificates = certificates
  end

  def find(**)
    @certificates
  end
end

class RelyingParty
  def initialize(roots)
    @user_ids = {}
    @credentials = []
    WebAuthn.configure do |config|
      config.origin = "https://example.org"
      config.rp_id = "example.org"
      config.rp_name = "Example"
      # The possible values that the README lists, the default ones first.
      config.algorithms |= %w[ES256 ES384 ES512 PS256 PS384 PS512 RS256 RS384 RS512 RS1]
      config.attestation_root_certificates_finders = Roots.new(roots) unless roots.empty?
    end
  end

  def answer(session, request)
    case request["do"]
    when "registration options" then registration_options(session, request)
    when "registration result" then registration_result(session, reply_of(request))
    when "authentication options" then authentication_options(session, request)
    when "authentication result" then authentication_result(session, reply_of(request))
    else raise ArgumentError, "there is no request #{request["do"].inspect}"
    end
  end

  private

  def reply_of(request)
    request["reply"].is_a?(Hash) ? request["reply"] : raise(Refused, "the reply is not a JSON object")
  end

  def registration_options(session, wanted)
    username = wanted["username"]
    options = WebAuthn::Credential.options_for_create(
      user: {
        id: @user_ids[username] ||= WebAuthn.generate_user_id,
        name: username,
        display_name: wanted["displayName"]
      },
      exclude: credentials_of(username).map(&:webauthn_id),
      attestation: wanted["attestation"],
      authenticator_selection: {
        resident_key: wanted["residentKey"],
        user_verification: wanted["userVerification"]
      },
      extensions: wanted["extensions"]
    )
    session[:registration] = Pending.new(username, options.challenge, is_required(wanted))
    options.as_json
  end

  def registration_result(session, reply)
    webauthn_credential = WebAuthn::Credential.from_create(reply)
    pending = session[:registration] || raise(Refused, "no registration is pending")
    begin
      webauthn_credential.verify(pending.challenge, user_verification: pending.user_verification)
      # The example's credentials have ids that nobody else's have.
      raise(Refused, "External has already been taken") if find_by(webauthn_credential.raw_id)

      @credentials << Credential.new(
        pending.username,
        webauthn_credential.id,
        webauthn_credential.raw_id,
        webauthn_credential.public_key,
        webauthn_credential.sign_count
      )
      {}
    ensure
      session.delete(:registration)
    end
  end

  def authentication_options(session, wanted)
    username = wanted["username"]
    raise(Refused, "Username doesn't exist") if username && credentials_of(username).empty?

    options = WebAuthn::Credential.options_for_get(
      allow: credentials_of(username).map(&:webauthn_id),
      user_verification: wanted["userVerification"]
    )
    session[:authentication] = Pending.new(username, options.challenge, is_required(wanted))
    options.as_json
  end

  def authentication_result(session, reply)
    webauthn_credential = WebAuthn::Credential.from_get(reply)
    pending = session[:authentication] || raise(Refused, "no authentication is pending")
    # Among those of the user, and nothing looks at the user handle.
    credential = find_by(webauthn_credential.raw_id, pending.username) || raise(Refused, "there is no such credential")
    begin
      webauthn_credential.verify(
        pending.challenge,
        public_key: credential.public_key,
        sign_count: credential.sign_count,
        user_verification: pending.user_verification
      )
      credential.sign_count = webauthn_credential.sign_count
      {}
    ensure
      session.delete(:authentication)
    end
  end

  def credentials_of(username)
    @credentials.select { |credential| credential.username == username }
  end

  def find_by(raw_id, username = nil)
    @credentials.find do |credential|
      credential.raw_id == raw_id && (username.nil? || credential.username == username)
    end
  end

  def is_required(wanted)
    wanted["userVerification"] == "required"
  end
end

def describe(error)
  "#{error.class}: #{error.message}".sub(/\A(\S+): \1\z/, '\1')
end

def reply_to(relying_party, session, request)
  { accepted: relying_party.answer(session, request) }
rescue Refused => e
  { refused: e.message }
rescue NameError, TypeError, SystemStackError => e
  warn e.full_message
  { crashed: describe(e) }
rescue StandardError => e
  # Its own errors, and what those say who read JSON, CBOR, base64url and certificates for it.
  { refused: describe(e) }
end

roots = []
OptionParser.new do |arguments|
  arguments.on("--root FILE", "trust these root certificates (PEM)") do |file|
    roots = OpenSSL::X509::Certificate.load_file(file)
  end
  arguments.on("--version", "print the library's name and version") do
    puts "webauthn-ruby #{WebAuthn::VERSION}"
    exit
  end
end.parse!

relying_party = RelyingParty.new(roots)
sessions = Hash.new { |all, number| all[number] = {} }
$stdout.sync = true
$stdin.set_encoding(Encoding::UTF_8).each_line do |line|
  request = JSON.parse(line)
  puts JSON.generate(reply_to(relying_party, sessions[request["session"]], request))
end
