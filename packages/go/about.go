package stuntkey

// A Build says what this build is.
type Build struct {
	Version string `json:"version"`
	// Algorithms are those that authenticators can sign with.
	Algorithms []string `json:"algorithms"`
	// Presets are the shapes of replies.
	Presets []string `json:"presets"`
}

// ThisBuild says what this build is. It panics if the module cannot be loaded, as all functions without an error do.
func ThisBuild() Build {
	return mustAskAnywhere[Build]("version", nothing{})
}

// A NamedModel is a model that is ready to use.
type NamedModel struct {
	Name string `json:"name"`
	// What is a sentence without its full stop.
	What string `json:"what"`
}

// Models lists the models that are ready to use.
func Models() []NamedModel {
	return mustAskAnywhere[[]NamedModel]("models", nothing{})
}

// A Setting is one that a [Model] has.
type Setting struct {
	// Name is its name in JSON; those after "attestation." are of [Attestation].
	Name string `json:"name"`
	// What is a sentence without its full stop.
	What string `json:"what"`
	// Kind is flag, number, text or list.
	Kind string `json:"kind"`
	// Values has every value that it, or an item of the list, can have, and what that means; empty where they are too
	// many.
	Values [][2]string `json:"values"`
	// Default is its text form in the default model, if it is set there.
	Default *string `json:"default"`
}

// Settings lists the settings that a model has.
func Settings() []Setting {
	return mustAskAnywhere[[]Setting]("settings", nothing{})
}

func mustAskAnywhere[T any](operation string, request any) T {
	answer, err := askAnywhere[T](operation, request)
	if err != nil {
		panic(err)
	}
	return answer
}
