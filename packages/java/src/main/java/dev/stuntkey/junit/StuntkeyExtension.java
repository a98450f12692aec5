package dev.stuntkey.junit;

import dev.stuntkey.Authenticator;
import dev.stuntkey.AuthenticatorOptions;
import dev.stuntkey.Page;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * What {@link Stuntkey} stands for. It is registered as a service too, so that with {@code
 * junit.jupiter.extensions.autodetection.enabled=true} a parameter needs no annotation.
 */
// Whoever uses it has JUnit, and the others need no module of its.
@SuppressWarnings("exports")
public final class StuntkeyExtension implements ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(StuntkeyExtension.class);

  /** JUnit makes it. */
  public StuntkeyExtension() {}

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Authenticator.class || type == Page.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Optional<Stuntkey> nearest =
        parameter
            .findAnnotation(Stuntkey.class)
            .or(
                () ->
                    context
                        .getTestMethod()
                        .flatMap(
                            method -> AnnotationSupport.findAnnotation(method, Stuntkey.class)))
            .or(
                () ->
                    context
                        .getTestClass()
                        .flatMap(type -> AnnotationSupport.findAnnotation(type, Stuntkey.class)));
    Authenticator key =
        Authenticator.create(
            nearest.map(StuntkeyExtension::options).orElse(Authenticator.options()));
    // JUnit closes what is in the store when the test ends.
    context.getStore(NAMESPACE).put(key, key);
    if (parameter.getParameter().getType() == Authenticator.class) {
      return key;
    }
    String origin = nearest.map(Stuntkey::origin).orElse("");
    if (origin.isEmpty()) {
      throw new ParameterResolutionException(
          "a page needs an origin: @Stuntkey(origin = \"https://login.example.com\") before the parameter, the test or its class");
    }
    return key.at(origin);
  }

  private static AuthenticatorOptions options(Stuntkey wanted) {
    AuthenticatorOptions options = Authenticator.options();
    if (!wanted.model().isEmpty()) {
      options = options.model(wanted.model());
    }
    if (wanted.algorithms().length > 0) {
      options = options.algorithms(wanted.algorithms());
    }
    if (!wanted.attestationFormat().isEmpty()) {
      options = options.attestationFormat(wanted.attestationFormat());
    }
    if (!wanted.seed().isEmpty()) {
      options = options.seed(wanted.seed());
    }
    return wanted.pin().isEmpty() ? options : options.pin(wanted.pin());
  }
}
