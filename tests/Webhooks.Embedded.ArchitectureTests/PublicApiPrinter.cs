using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Webhooks.Embedded.ArchitectureTests;

/// <summary>Prints what an app can use of a library, one line per member, much like C# and always in the same order.</summary>
internal static class PublicApiPrinter
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Print(Assembly assembly) =>
        string.Concat(assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal).Select(Print));

    public static string Print(Type type)
    {
        var members = type.IsEnum
            ? Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}")
            : MembersOf(type).OrderBy(member => member.Name, StringComparer.Ordinal).ThenBy(member => member.Text, StringComparer.Ordinal)
                .Select(member => member.Text);
        return $"{type.Namespace}: {KindOf(type)} {CSharp.NameOf(type)}{BasesOf(type)}\n{string.Concat(members.Select(member => $"    {member}\n"))}\n";
    }

    private static string KindOf(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract " + ClassOf(type),
        { IsSealed: true } => "sealed " + ClassOf(type),
        _ => ClassOf(type),
    };

    private static string ClassOf(Type type) => IsRecord(type) ? "record" : "class";

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    private static string BasesOf(Type type)
    {
        Type[] bases = type.IsEnum || type.IsValueType || type.BaseType is null || type.BaseType == typeof(object) ? [] : [type.BaseType];
        Type[] contracts = type.IsEnum ? [] : [.. type.GetInterfaces().Where(contract => !IsImplied(type, contract))];
        string[] all = [.. bases.Select(CSharp.NameOf), .. contracts.Select(CSharp.NameOf).Order(StringComparer.Ordinal)];
        return all.Length == 0 ? "" : $" : {string.Join(", ", all)}";
    }

    // What the base brings along, and what every record is.
    private static bool IsImplied(Type type, Type contract) =>
        (type.BaseType?.GetInterfaces().Contains(contract) ?? false) || (IsRecord(type) && contract == typeof(IEquatable<>).MakeGenericType(type));

    private static IEnumerable<(string Name, string Text)> MembersOf(Type type) => type.GetMembers(Declared).Select(member => (member.Name, member switch
    {
        ConstructorInfo constructor when IsWritten(constructor) => $"{type.Name.Split('`')[0]}({ParametersOf(constructor)})",
        FieldInfo field => Print(field),
        PropertyInfo property => Print(property),
        EventInfo e => $"event {CSharp.NameOf(e.EventHandlerType!)} {e.Name}",
        MethodInfo { IsSpecialName: false } method when IsWritten(method) && !IsOfObject(method) => Print(method),
        _ => "",
    })).Where(member => member.Item2.Length > 0);

    private static bool IsWritten(MethodBase method) => method.GetCustomAttribute<CompilerGeneratedAttribute>() is null;

    private static bool IsOfObject(MethodInfo method) => method.GetBaseDefinition().DeclaringType == typeof(object);

    private static string Print(FieldInfo field) =>
        $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{CSharp.NameOf(field)} {field.Name}"
        + (field.IsLiteral ? $" = {CSharp.ValueOf(field.GetRawConstantValue(), field.FieldType)}" : "");

    private static string Print(PropertyInfo property)
    {
        var isStatic = (property.GetMethod ?? property.SetMethod)!.IsStatic ? "static " : "";
        var isRequired = property.GetCustomAttribute<RequiredMemberAttribute>() is null ? "" : "required ";
        var set = property.SetMethod is not { IsPublic: true } setter ? ""
            : setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;" : " set;";
        var index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"[{string.Join(", ", parameters.Select(Print))}]" : "";
        return $"{isStatic}{isRequired}{CSharp.NameOf(property)} {(index.Length > 0 ? "this" : property.Name)}{index} {{ get;{set} }}";
    }

    private static string Print(MethodInfo method)
    {
        var isStatic = method.IsStatic ? "static " : "";
        var arguments = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(CSharp.NameOf))}>" : "";
        var constraints = string.Concat(method.IsGenericMethod ? method.GetGenericArguments().Select(ConstraintsOf) : []);
        return $"{isStatic}{CSharp.NameOf(method.ReturnParameter)} {method.Name}{arguments}({ParametersOf(method)}){constraints}";
    }

    private static string ConstraintsOf(Type parameter) =>
        parameter.GetGenericParameterConstraints() is { Length: > 0 } constraints
            ? $" where {parameter.Name} : {string.Join(", ", constraints.Select(CSharp.NameOf))}"
            : "";

    private static string ParametersOf(MethodBase method) =>
        (method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "") + string.Join(", ", method.GetParameters().Select(Print));

    private static string Print(ParameterInfo parameter)
    {
        var direction = parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : "";
        var preset = parameter.HasDefaultValue ? $" = {CSharp.ValueOf(parameter.RawDefaultValue, parameter.ParameterType)}" : "";
        return $"{direction}{CSharp.NameOf(parameter)} {parameter.Name}{preset}";
    }
}
