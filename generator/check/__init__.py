"""Says whether a client can be generated from a document, or everything that stands against it."""

from collections.abc import Callable, Iterator

from generator.breaches import Breach, GenerationRefused
from generator.check import (
    behaviour,
    bodies,
    endpoints,
    extensions,
    limits,
    names,
    references,
    removals,
    schemas,
    specification,
    unions,
)
from generator.load import Document

Rule = Callable[[Document], Iterator[Breach]]

# A stage runs only where the one before it found nothing: its rules rely on what that guarantees.
STAGES: tuple[tuple[Rule, ...], ...] = (
    (specification.version_is_supported, specification.statuses_are_supported),
    (specification.document_follows_specification,),
    (
        specification.schemas_follow_specification,
        schemas.schemas_are_objects,
        extensions.extensions_are_spelled,
        extensions.extensions_are_placed,
        extensions.extensions_have_their_shape,
        extensions.sdk_is_named,
    ),
    (
        references.references_are_local,
        references.references_stand_alone,
        references.references_come_to_an_end,
    ),
    (
        references.loops_pass_a_class,
        references.chains_are_short,
    ),
    (
        schemas.keywords_are_supported,
        schemas.types_are_supported,
        schemas.enums_are_plain,
        schemas.consts_are_plain,
        schemas.all_of_is_plain,
        limits.limits_leave_room,
        limits.patterns_are_valid,
        limits.server_defaults_are_listed,
        endpoints.fields_are_supported,
        endpoints.server_is_supported,
        endpoints.paths_match_their_parameters,
        endpoints.paths_are_distinct,
        endpoints.parameters_are_plain,
        endpoints.parameters_are_distinct,
        bodies.contents_are_supported,
        bodies.encodings_are_supported,
        bodies.files_stand_in_forms,
        bodies.encodings_of_texts_are_supported,
        unions.unions_are_plain,
        unions.discriminators_choose_classes,
        endpoints.security_schemes_are_supported,
        endpoints.security_is_declared,
        names.view_names_are_distinct,
        names.class_names_are_distinct,
        names.names_of_files_are_short,
        extensions.environment_variables_are_distinct,
        extensions.client_arguments_are_distinct,
        extensions.display_names_cover_the_enum,
        extensions.varnames_fit_their_enum,
        extensions.spellings_name_a_property,
        extensions.read_as_resolves_types,
        extensions.views_open_an_open_value,
        behaviour.pagination_names_parameters,
        behaviour.pagination_leads_into_the_answer,
        behaviour.errors_stand_on_errors,
        behaviour.errors_always_match,
        behaviour.wait_attributes_are_free,
        behaviour.error_classes_mean_one_thing,
        behaviour.emulator_collection_is_a_parameter,
        behaviour.emulator_examples_name_parameters,
        removals.replacements_are_operations,
        removals.replaced_operations_are_gone,
    ),
    (references.references_stand_in_their_place,),
    (limits.defaults_are_valid,),
    (specification.document_passes_validator,),
)
RULES: tuple[Rule, ...] = tuple(rule for stage in STAGES for rule in stage)


def check(document: Document) -> None:
    """Let a document pass from which a client can be generated.

    Raises: GenerationRefused with every breach of the first stage that found one, in the order of the rules.
    """
    for stage in STAGES:
        breaches = [breach for rule in stage for breach in rule(document)]
        if breaches:
            raise GenerationRefused(list(dict.fromkeys(breaches)))
